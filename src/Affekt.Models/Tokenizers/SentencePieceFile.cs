using System.Buffers.Binary;
using System.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>A SentencePiece model in its own file, a protobuf message: pieces with scores, and the table of characters.</summary>
internal sealed class SentencePieceFile
{
    private const int UnigramType = 1;

    private SentencePieceFile(IReadOnlyList<(string Piece, double Score)> pieces, CharacterMap? map) => (Pieces, Map) = (pieces, map);

    public IReadOnlyList<(string Piece, double Score)> Pieces { get; }

    public CharacterMap? Map { get; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="ModelException">It cannot be read, or is no unigram model.</exception>
    public static SentencePieceFile Read(string file)
    {
        List<(string Piece, double Score)> pieces = [];
        CharacterMap? map = null;
        int type = UnigramType;
        try
        {
            Message model = new(File.ReadAllBytes(file));
            while (model.Next())
            {
                switch (model.Field)
                {
                    case 1:
                        pieces.Add(Piece(model.Bytes));
                        break;
                    case 2: // trainer_spec.model_type
                        type = (int)Find(model.Bytes, 3, (ulong)type);
                        break;
                    case 3: // normalizer_spec.precompiled_charsmap
                        Message normalizer = new(model.Bytes);
                        while (normalizer.Next())
                        {
                            if (normalizer is { Field: 2, Bytes.Length: > 0 })
                                map = new CharacterMap(normalizer.Bytes.Span);
                        }

                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ModelException(file, null, e.Message, "a SentencePiece model", e);
        }

        return type == UnigramType && pieces.Count > 3
            ? new SentencePieceFile(pieces, map)
            : throw new ModelException(file, "model_type", $"{type} with {pieces.Count} pieces", "a unigram model (1) with pieces");
    }

    private static (string Piece, double Score) Piece(ReadOnlyMemory<byte> bytes)
    {
        string text = "";
        float score = 0;
        Message piece = new(bytes);
        while (piece.Next())
        {
            if (piece.Field == 1)
                text = Encoding.UTF8.GetString(piece.Bytes.Span);
            else if (piece.Field == 2 && piece.Bytes.Length == sizeof(float))
                score = BinaryPrimitives.ReadSingleLittleEndian(piece.Bytes.Span);
        }

        return (text, score);
    }

    private static ulong Find(ReadOnlyMemory<byte> bytes, int field, ulong otherwise)
    {
        Message message = new(bytes);
        while (message.Next())
        {
            if (message.Field == field)
                return message.Number;
        }

        return otherwise;
    }

    // The fields of a message one after another; of each its number, or its bytes where it has some.
    private sealed class Message(ReadOnlyMemory<byte> rest)
    {
        private ReadOnlyMemory<byte> _rest = rest;

        public int Field { get; private set; }

        public ulong Number { get; private set; }

        public ReadOnlyMemory<byte> Bytes { get; private set; }

        public bool Next()
        {
            if (_rest.IsEmpty)
                return false;
            ulong tag = Varint();
            Field = (int)(tag >> 3);
            Bytes = default;
            switch (tag & 7)
            {
                case 0:
                    Number = Varint();
                    break;
                case 1:
                    Bytes = Take(8);
                    break;
                case 2:
                    Bytes = Take(Varint());
                    break;
                case 5:
                    Bytes = Take(4);
                    break;
                default:
                    throw new FormatException($"wire type {tag & 7}");
            }

            return true;
        }

        private ReadOnlyMemory<byte> Take(ulong length)
        {
            if (length > (ulong)_rest.Length)
                throw new FormatException($"{length} bytes where {_rest.Length} are left");
            ReadOnlyMemory<byte> taken = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return taken;
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte next = Take(1).Span[0];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }

            throw new FormatException("a number of more than 64 bits");
        }
    }
}
