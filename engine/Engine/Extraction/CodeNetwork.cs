using Microsoft.ML.OnnxRuntime;
using OnnxTransfer.Imaging;
using OnnxTransfer.Onnx;
using DataType = OnnxTransfer.Onnx.Protos.TensorProto.Types.DataType;

namespace OnnxTransfer.Engine;

/// <summary>
/// A backbone cut at its taps with the poolings inside, in one session that all workers share: from image tensors to
/// codes, and to nothing else.
/// </summary>
internal sealed class CodeNetwork : IDisposable
{
    private readonly InferenceSession session;
    private readonly TapCatalog catalog;

    private CodeNetwork(InferenceSession session, TapCatalog catalog, IReadOnlyList<CodeColumn> columns, IReadOnlyList<string> outputs, int batch) =>
        (this.session, this.catalog, Columns, Outputs, Batch) = (session, catalog, columns, outputs, batch);

    /// <summary>What comes out, in the order of the taps.</summary>
    public IReadOnlyList<CodeColumn> Columns { get; }

    /// <summary>Images per run.</summary>
    public int Batch { get; }

    /// <summary>What shows that it computes what the full network does.</summary>
    public CutProof Proof { get; private set; } = null!;

    /// <summary>The names of the pooled tensors, in the order of <see cref="Columns"/>.</summary>
    private IReadOnlyList<string> Outputs { get; }

    /// <summary>Cuts, pools, opens the session and proves it.</summary>
    /// <param name="catalog">The backbone's taps.</param>
    /// <param name="recipe">How photos become its input.</param>
    /// <param name="taps">What is tapped.</param>
    /// <param name="batch">Images per run.</param>
    /// <param name="threads">Threads inside one run; extraction has one, and a worker for every processor.</param>
    /// <param name="provider">What runs it; null: the processor.</param>
    /// <exception cref="OnnxTransferException">As for <see cref="Backbone.Prove"/>.</exception>
    public static CodeNetwork Make(TapCatalog catalog, Recipe recipe, IReadOnlyList<Tap> taps, int batch, int threads = 1, ExecutionProvider? provider = null)
    {
        var network = Open(catalog, taps, batch, threads, out _, provider);
        try
        {
            network.Proof = CutProof.Of(network, catalog, recipe, taps);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Cuts, pools and opens the session, without a proof: to be timed, not to be believed.</summary>
    /// <param name="catalog">The backbone's taps.</param>
    /// <param name="taps">What is tapped.</param>
    /// <param name="batch">Images per run.</param>
    /// <param name="threads">Threads inside one run.</param>
    /// <param name="bytes">The size of the cut model's file.</param>
    /// <param name="provider">What runs it; null: the processor.</param>
    public static CodeNetwork Open(TapCatalog catalog, IReadOnlyList<Tap> taps, int batch, int threads, out long bytes, ExecutionProvider? provider = null)
    {
        var graph = new GraphBuilder(Cut.At(catalog.Model, [.. taps.Select(tap => tap.Point.Name).Distinct()]));
        graph.ClearOutputs();
        var outputs = new List<string>();
        foreach (var tap in taps)
        {
            var point = tap.Point;
            var pooled = PoolingGraph.Append(graph, point.Name, point.Shape, tap.Pooling, tap.Key, point.Channels);
            graph.Output(pooled.Name, DataType.Float, "N", pooled.Width);
            outputs.Add(pooled.Name);
        }

        var columns = taps.Select(tap => new CodeColumn(tap.Point.Name, tap.Pooling, tap.Width)).ToArray();
        var (name, model) = (catalog.Model.Name, graph.Build().ToBytes());
        bytes = model.Length;
        return new CodeNetwork(Runtime.Open(model, name, threads: threads, provider: provider), catalog, columns, outputs, batch);
    }

    /// <summary>The shape of one image in the input tensor.</summary>
    public static long[] ImageShape(TapCatalog catalog) => catalog.Input.Layout == TensorLayout.NCHW
        ? [3, catalog.Size, catalog.Size]
        : [catalog.Size, catalog.Size, 3];

    /// <summary>Buffers for one worker.</summary>
    public Lane NewLane() => new(this);

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    /// <summary>The buffers of one worker, bound to the shared session once: a run allocates next to nothing.</summary>
    internal sealed class Lane : IDisposable
    {
        private readonly CodeNetwork network;
        private readonly float[] images;
        private readonly float[][] codes;
        private readonly OrtIoBinding binding;
        private readonly RunOptions options = new();
        private readonly List<OrtValue> values = [];
        private readonly OrtValue input;

        internal Lane(CodeNetwork network)
        {
            this.network = network;
            var shape = ImageShape(network.catalog);
            images = new float[network.Batch * shape.Aggregate(1L, (product, side) => product * side)];
            codes = [.. network.Columns.Select(column => new float[network.Batch * column.Width])];
            binding = network.session.CreateIoBinding();
            input = Value(images, [network.Batch, .. shape]);
            for (var column = 0; column < codes.Length; column++)
            {
                binding.BindOutput(network.Outputs[column], Value(codes[column], [network.Batch, network.Columns[column].Width]));
            }
        }

        /// <summary>The tensor of the image in a slot of the batch: to be filled.</summary>
        public Span<float> Image(int slot) => images.AsSpan(slot * (images.Length / network.Batch), images.Length / network.Batch);

        /// <summary>The codes that the last run gave for a slot.</summary>
        public ReadOnlySpan<float> Code(int column, int slot) =>
            codes[column].AsSpan(slot * network.Columns[column].Width, network.Columns[column].Width);

        /// <summary>Fills every slot with zeros.</summary>
        public void Clear() => Array.Clear(images);

        /// <summary>Runs the network on the batch.</summary>
        /// <exception cref="OnnxTransferException"><see cref="FailureKind.Model"/>: ONNX Runtime fails.</exception>
        public void Run()
        {
            try
            {
                // A provider with a memory of its own takes its copy of the images when they are bound.
                binding.BindInput(network.catalog.Input.Name, input);
                binding.SynchronizeBoundInputs();
                network.session.RunWithBinding(options, binding);
                binding.SynchronizeBoundOutputs();
            }
            catch (OnnxRuntimeException e)
            {
                throw Runtime.CannotRun(network.catalog.Model.Name, e);
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            binding.Dispose();
            options.Dispose();
            foreach (var value in values)
            {
                value.Dispose();
            }
        }

        private OrtValue Value(float[] buffer, long[] shape)
        {
            var value = OrtValue.CreateTensorValueFromMemory(buffer, shape);
            values.Add(value);
            return value;
        }
    }
}
