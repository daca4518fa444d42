using System.Security.Cryptography;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace OnnxTransfer.Engine;

/// <summary>
/// Blocks as Arrow IPC files, uncompressed, one record batch each: <c>id</c> utf8, <c>label</c> and
/// <c>split</c> utf8 (nullable), <c>content</c> 32 bytes, then a column "TAP|pooling" of D float32 for each tap and pooling.
/// </summary>
internal static class BlockWriter
{
    /// <summary>The schema's metadata entry that holds the store's key.</summary>
    public const string KeyEntry = "onnxtransfer.key";

    /// <summary>Writes rows under a name that ends in their hash; whole or not at all.</summary>
    /// <returns>The block's line in the index.</returns>
    /// <exception cref="OnnxTransferException"><see cref="FailureKind.Machine"/>: the disk is full or read-only.</exception>
    public static IndexEntry Write(string folder, int block, string key, BlockRows rows)
    {
        using var batch = Batch(key, rows);

        // The name needs the hash of bytes that are not written yet: they are made twice rather than renamed by hand.
        using var sink = new HashingSink();
        Write(sink, batch);
        var hash = sink.Finish();
        var file = $"{block:D6}-{hash[..16]}.arrow";
        WholeFile.Write(Path.Combine(folder, file), stream => Write(stream, batch));
        return new IndexEntry(file, rows.Count, hash);
    }

    private static void Write(Stream stream, RecordBatch batch)
    {
        using var writer = new ArrowFileWriter(stream, batch.Schema, leaveOpen: true);
        writer.WriteRecordBatch(batch);
        writer.WriteEnd();
    }

    private static RecordBatch Batch(string key, BlockRows rows)
    {
        var fields = new List<Field>
        {
            new("id", StringType.Default, nullable: false),
            new("label", StringType.Default, nullable: true),
            new("split", StringType.Default, nullable: true),
            new("content", new FixedSizeBinaryType(ContentHash.Size), nullable: false),
        };
        var arrays = new List<IArrowArray>
        {
            Texts(rows.Ids.AsSpan(0, rows.Count)),
            Texts(rows.Labels.AsSpan(0, rows.Count)),
            Texts(rows.Splits.AsSpan(0, rows.Count)),
            Hashes(rows.Contents.AsSpan(0, rows.Count)),
        };
        for (var column = 0; column < rows.Columns.Count; column++)
        {
            var type = new FixedSizeListType(new Field("item", FloatType.Default, nullable: false), rows.Columns[column].Width);
            fields.Add(new Field(rows.Columns[column].Key, type, nullable: false));
            var values = new ArrayData(
                FloatType.Default, rows.Count * type.ListSize, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(rows.Bytes(column))]);
            arrays.Add(new FixedSizeListArray(new ArrayData(type, rows.Count, 0, 0, [ArrowBuffer.Empty], [values])));
        }

        return new RecordBatch(new Schema(fields, new Dictionary<string, string> { [KeyEntry] = key }), arrays, rows.Count);
    }

    private static StringArray Texts(ReadOnlySpan<string?> texts)
    {
        var builder = new StringArray.Builder();
        foreach (var text in texts)
        {
            if (text is null)
            {
                builder.AppendNull();
            }
            else
            {
                builder.Append(text, Encoding.UTF8);
            }
        }

        return builder.Build();
    }

    private static FixedSizeBinaryArray Hashes(ReadOnlySpan<ContentHash> contents)
    {
        var bytes = new byte[contents.Length * ContentHash.Size];
        for (var row = 0; row < contents.Length; row++)
        {
            contents[row].CopyTo(bytes.AsSpan(row * ContentHash.Size));
        }

        return new FixedSizeBinaryArray(new ArrayData(
            new FixedSizeBinaryType(ContentHash.Size), contents.Length, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(bytes)]));
    }

    /// <summary>Takes bytes in their order, keeps their SHA-256; Arrow's writer asks for a stream that can seek, but does not.</summary>
    private sealed class HashingSink : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long position;

        public override bool CanRead => false;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => position;

        public override long Position
        {
            get => position;
            set => throw new NotSupportedException();
        }

        public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            position += buffer.Length;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
