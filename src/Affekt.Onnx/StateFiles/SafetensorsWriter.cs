using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Writes safetensors files. The same tensors and metadata give the same bytes, in whatever order they are handed
/// over: those that the reference writer gives.
/// </summary>
public static class SafetensorsWriter
{
    // Escapes only what JSON demands, which is what the reference does.
    private static readonly JsonWriterOptions _headerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes to a temporary name beside <paramref name="path"/>, flushes it to the disk and renames it: a crash leaves
    /// the file that was there before.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A name is empty, taken twice or reserved (<c>__metadata__</c>), or bytes do not fit type and shape.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(
        string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tensors);
        TensorToWrite[] ordered = Order(tensors);
        byte[] header = Header(ordered, metadata);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                Span<byte> prefix = stackalloc byte[SafetensorsReader.PrefixLength];
                BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
                stream.Write(prefix);
                stream.Write(header);
                foreach (TensorToWrite tensor in ordered)
                    WriteBytes(stream, tensor);

                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteBytes(FileStream stream, TensorToWrite tensor)
    {
        ReadOnlySpan<byte> bytes = tensor.Bytes();
        if (bytes.Length != tensor.Length)
        {
            throw new ArgumentException(
                $"{tensor.Name}: {bytes.Length} bytes for {tensor.Type} of shape "
                + $"{TensorLayout.Text(tensor.Shape.AsSpan())}, which takes {tensor.Length}");
        }

        stream.Write(bytes);
    }

    private static TensorToWrite[] Order(IEnumerable<TensorToWrite> tensors)
    {
        // By the names' UTF-8 bytes, as the reference sorts them.
        (TensorToWrite Tensor, byte[] Name)[] rows = [.. tensors.Select(t => (t, Encoding.UTF8.GetBytes(t.Name)))];
        Array.Sort(rows, (a, b) =>
        {
            int byType = SafetensorsTypes.Rank(b.Tensor.Type).CompareTo(SafetensorsTypes.Rank(a.Tensor.Type));
            return byType != 0 ? byType : a.Name.AsSpan().SequenceCompareTo(b.Name);
        });

        HashSet<string> names = new(StringComparer.Ordinal) { "", SafetensorsReader.MetadataKey };
        foreach ((TensorToWrite tensor, _) in rows)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"tensor name \"{tensor.Name}\": empty, reserved or taken", nameof(tensors));
        }

        return [.. rows.Select(row => row.Tensor)];
    }

    private static byte[] Header(TensorToWrite[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter json = new(buffer, _headerOptions);
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            json.WriteStartObject(SafetensorsReader.MetadataKey);
            foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(key, value);

            json.WriteEndObject();
        }

        long offset = 0;
        foreach (TensorToWrite tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", SafetensorsTypes.Name(tensor.Type));
            WriteNumbers(json, "shape", tensor.Shape.AsSpan());
            WriteNumbers(json, "data_offsets", [offset, offset + tensor.Length]);
            json.WriteEndObject();
            offset += tensor.Length;
        }

        json.WriteEndObject();
        json.Flush();
        int padded = (buffer.WrittenCount + 7) / 8 * 8;
        if (padded > SafetensorsReader.MaxHeaderLength)
            throw new ArgumentException($"a header of {padded} bytes; readers take {SafetensorsReader.MaxHeaderLength}");

        byte[] header = new byte[padded];
        header.AsSpan(buffer.WrittenCount).Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header);
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);

        json.WriteEndArray();
    }
}
