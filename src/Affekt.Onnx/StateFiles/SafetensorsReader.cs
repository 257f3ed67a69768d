using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Reads safetensors: 8 bytes of header length, a JSON header, then the tensors' bytes. What the header claims is
/// checked before it is used, so that tensors cover the data exactly once.
/// </summary>
internal static class SafetensorsReader
{
    public const string MetadataKey = "__metadata__";
    public const int PrefixLength = 8;

    // The reference implementation's limit.
    public const int MaxHeaderLength = 100_000_000;

    public static StateFile Read(MappedFile file)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, PrefixLength));
        long available = file.Length - PrefixLength;
        if (length > (ulong)Math.Min(available, MaxHeaderLength))
        {
            throw file.Error(
                "header length", 0, $"{length}", $"at most {MaxHeaderLength} and the {available} bytes that follow");
        }

        ReadOnlySpan<byte> header = file.Slice(PrefixLength, (int)length);
        if (!Utf8.IsValid(header))
            throw file.Error("header", PrefixLength, "bytes that are not UTF-8", "a JSON object in UTF-8");

        HeaderParser parser = new(file, header);
        try
        {
            parser.Parse();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw file.Error("header", parser.Offset, $"broken JSON ({e.Message})", "a JSON object", e);
        }

        CheckCoverage(file, parser.Entries, available - (long)length);
        long dataStart = PrefixLength + (long)length;
        OrderedDictionary<string, StoredTensor> tensors = new(parser.Entries.Count, StringComparer.Ordinal);
        foreach (Entry entry in parser.Entries)
            tensors.Add(entry.Name, new StoredTensor(entry.Name, entry.Layout, file, dataStart + entry.Begin));

        return new StateFile(file.Path, tensors, parser.Metadata, [file]);
    }

    private static void CheckCoverage(MappedFile file, List<Entry> entries, long dataLength)
    {
        long end = 0;
        foreach (Entry entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != end)
            {
                throw file.Error(
                    $"data_offsets of {entry.Name}",
                    null,
                    $"[{entry.Begin}, {entry.End}]",
                    $"a begin at {end}, where the tensor before it ends: no hole, no overlap");
            }

            end = entry.End;
        }

        if (end != dataLength)
        {
            throw file.Error(
                "data_offsets", null, $"{end} bytes of tensors", $"the {dataLength} bytes after the header");
        }
    }

    private readonly record struct Entry(string Name, TensorLayout Layout, long Begin, long End);

    private ref struct HeaderParser(MappedFile file, ReadOnlySpan<byte> header)
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly List<long> _numbers = [];
        private Utf8JsonReader _json = new(header);

        public List<Entry> Entries { get; } = [];

        public OrderedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

        public readonly long Offset => PrefixLength + _json.TokenStartIndex;

        public void Parse()
        {
            Expect("header", JsonTokenType.StartObject, "a JSON object");
            while (NextKey("header", out string name))
            {
                if (!_names.Add(name))
                    throw file.Error(name, Offset, "the same key a second time", "every key once");

                if (name == MetadataKey)
                {
                    ParseMetadata();
                }
                else
                {
                    Entries.Add(ParseTensor(name));
                }
            }

            // Read() itself refuses anything but white space here.
            _json.Read();
        }

        private void ParseMetadata()
        {
            Expect(MetadataKey, JsonTokenType.StartObject, "an object of strings");
            while (NextKey(MetadataKey, out string key))
            {
                Expect($"{MetadataKey}.{key}", JsonTokenType.String, "a string");
                if (!Metadata.TryAdd(key, _json.GetString()!))
                    throw file.Error($"{MetadataKey}.{key}", Offset, "the same key a second time", "every key once");
            }
        }

        private Entry ParseTensor(string name)
        {
            Expect(name, JsonTokenType.StartObject, "an object with dtype, shape and data_offsets");
            long start = Offset;
            ElementType? dtype = null;
            long[]? shape = null;
            long[]? offsets = null;
            while (NextKey(name, out string field))
            {
                string where = $"{field} of {name}";
                switch (field)
                {
                    case "dtype" when dtype is null:
                        Expect(where, JsonTokenType.String, "a string");
                        string text = _json.GetString()!;
                        dtype = SafetensorsTypes.Find(text)
                            ?? throw file.Error(where, Offset, $"\"{text}\"", $"one of {SafetensorsTypes.Names}");
                        break;
                    case "shape" when shape is null:
                        shape = ParseNumbers(where, TensorLayout.MaxRank);
                        break;
                    case "data_offsets" when offsets is null:
                        offsets = ParseNumbers(where, 2);
                        break;
                    default:
                        throw file.Error(
                            name, Offset, $"field \"{field}\"", "dtype, shape and data_offsets, each once");
                }
            }

            if (dtype is null || shape is null || offsets is not [long begin, long end])
                throw file.Error(name, start, "a field missing or too short", "dtype, shape and two data_offsets");

            TensorLayout layout = TensorLayout.Checked(file, $"shape of {name}", start, dtype.Value, shape);
            if (begin > end || end - begin != layout.ByteCount)
            {
                throw file.Error(
                    $"data_offsets of {name}", start, $"[{begin}, {end}]", layout.Describe());
            }

            return new Entry(name, layout, begin, end);
        }

        private long[] ParseNumbers(string where, int atMost)
        {
            Expect(where, JsonTokenType.StartArray, "an array of whole numbers");
            _numbers.Clear();
            while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
            {
                if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long number) || number < 0)
                    throw file.Error(where, Offset, Token(), "whole numbers from 0 to 2^63 - 1");

                if (_numbers.Count == atMost)
                    throw file.Error(where, Offset, $"more than {atMost} numbers", $"at most {atMost}");

                _numbers.Add(number);
            }

            return [.. _numbers];
        }

        private bool NextKey(string where, out string key)
        {
            bool more = _json.Read() && _json.TokenType == JsonTokenType.PropertyName;
            if (!more && _json.TokenType != JsonTokenType.EndObject)
                throw file.Error(where, Offset, Token(), "a key or the end of the object");

            key = more ? _json.GetString()! : "";
            return more;
        }

        private void Expect(string where, JsonTokenType type, string expected)
        {
            if (!_json.Read() || _json.TokenType != type)
                throw file.Error(where, Offset, Token(), expected);
        }

        private readonly string Token() => _json.TokenType.ToString();
    }
}
