namespace OnnxTransfer.Bench.Heads;

/// <summary>Runs every task: ours first, which gives the dual value, then every peer that minimises the same.</summary>
internal sealed class BenchRun : IDisposable
{
    private readonly BenchOptions options;
    private readonly List<PeerProcess> processes = [];

    public BenchRun(BenchOptions options)
    {
        this.options = options;
        processes.Add(new PeerProcess(options.Python, Path.Combine(AppContext.BaseDirectory, "peers.py"), $"{options.Threads}"));
        processes.Add(new PeerProcess(Environment.ProcessPath!, MlNetPeers.Command, $"{options.Threads}"));
    }

    /// <summary>What the peers said of themselves.</summary>
    public IEnumerable<Hello> Hellos => processes.Select(static process => process.Hello);

    /// <summary>The sizes of the problems, in words.</summary>
    public List<string> Sizes { get; } = [];

    /// <summary>Measures everything; what there is so far is handed over after every task, as a run takes hours.</summary>
    public void Measure(Action<Measurements> soFar)
    {
        var (series, optima, choices) = (new List<Series>(), new Dictionary<HeadTask, Enclosure>(), new List<Choice>());
        var measurements = new Measurements(series, optima, choices);
        var ours = new Ours(options);
        var heads = options.Heads.Where(Ours.Has).ToArray();
        foreach (var head in options.Heads.Except(heads))
        {
            Console.Error.WriteLine($"skipped: there is no head '{head}' yet");
        }

        var small = Problem.Load("T", options);
        foreach (var name in options.Problems)
        {
            var problem = Problem.Load(name, options);
            Sizes.Add(problem.Size);
            foreach (var (head, c, penalised) in
                from head in options.Tables.Contains("solve") ? heads : [] from c in options.C from penalised in options.Penalised select (head, c, penalised))
            {
                var task = new HeadTask(name, head, c, penalised);
                var peers = PeersOf(task);
                if (!peers.Exists(of => options.Wants(of.Peer.Name)) && !(peers.Count > 0 && options.OursAlone))
                {
                    continue;
                }

                ours.WarmUp(small, head, penalised);
                var (our, optimum) = ours.Measure(problem, task);
                series.Add(our);
                optima[task] = optimum;
                foreach (var (process, peer) in peers.Where(of => options.Wants(of.Peer.Name)))
                {
                    if (!double.IsFinite(optimum.Dual))
                    {
                        Console.Error.WriteLine($"{task}: {peer.Name} skipped, as there is no certificate to measure its gap with");
                        continue;
                    }

                    series.Add(new PeerSweep(process, small, options).Measure(problem, task, peer, optimum.Dual));
                }

                soFar(measurements);
            }

            if (options.Tables.Contains("choice") && options.Heads.Contains("softmax"))
            {
                ours.Choose(small);
                var (choice, tried) = ours.Choose(problem);
                choices.Add(choice);
                choices.AddRange(
                    from process in processes
                    where process.Hello.Choice is { } chooser && options.Wants(chooser)
                    select new PeerSweep(process, small, options).Choose(problem, process.Hello.Choice!, choice, tried));
                soFar(measurements);
            }
        }
    }

    public void Dispose() => processes.ForEach(static process => process.Dispose());

    private List<(PeerProcess Process, Peer Peer)> PeersOf(HeadTask task) =>
    [
        .. from process in processes
           from peer in process.Hello.Peers
           where peer.Head == task.Head && peer.Penalised == task.Penalised
           select (process, peer),
    ];
}
