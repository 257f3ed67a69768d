using System.Text;

namespace Affekt.Recognition.Tests;

/// <summary>
/// A Whisper network in ggml's format that hears one word in everything. All its weights are 0, but for those that make the decoder's first
/// position say the word, and every other one that the text is over.
/// </summary>
internal static class OneWordWhisper
{
    private const int Width = 64, Layers = 4, Mels = 80, SoundPositions = 1500, TextPositions = 448;

    // Of the English networks.
    private const int Tokens = 51864, EndOfText = 50256, Word = 3;

    public static void Write(string path, string word)
    {
        using BinaryWriter file = new(File.Create(path));
        Numbers(file, 0x67676d6c, Tokens, SoundPositions, Width, 1, Layers, TextPositions, Width, 1, Layers, Mels, 1);
        const int Frequencies = 201;
        Numbers(file, Mels, Frequencies);
        file.Write(new byte[4 * Mels * Frequencies]);
        Numbers(file, EndOfText);
        for (int token = 0; token < EndOfText; token++)
        {
            // It looks for the first three by their names, to keep them from coming first.
            byte[] name = Encoding.UTF8.GetBytes(token switch { 0 => " ", 1 => " -", 2 => " '", Word => $" {word}", _ => $" {token}" });
            Numbers(file, name.Length);
            file.Write(name);
        }

        Tensor(file, "encoder.positional_embedding", [Width, SoundPositions]);
        Tensor(file, "encoder.conv1.weight", [3, Mels, Width]);
        Tensor(file, "encoder.conv1.bias", [1, Width]);
        Tensor(file, "encoder.conv2.weight", [3, Width, Width]);
        Tensor(file, "encoder.conv2.bias", [1, Width]);
        Pair(file, "encoder.ln_post", [Width]);
        Tensor(file, "decoder.positional_embedding", [Width, TextPositions], at => Direction(at, at / Width == 0 ? 10 : -10));
        Tensor(file, "decoder.token_embedding.weight", [Width, Tokens], at => (at / Width) switch
        {
            Word => Direction(at, 3),
            EndOfText => Direction(at, -3),
            _ => 0,
        });
        Tensor(file, "decoder.ln.weight", [Width], _ => 1);
        Tensor(file, "decoder.ln.bias", [Width]);
        for (int layer = 0; layer < Layers; layer++)
        {
            foreach (string half in (string[])["encoder", "decoder"])
            {
                string block = $"{half}.blocks.{layer}";
                Pair(file, $"{block}.mlp_ln", [Width]);
                Pair(file, $"{block}.mlp.0", [Width, 4 * Width]);
                Pair(file, $"{block}.mlp.2", [4 * Width, Width]);
                foreach (string attention in half == "encoder" ? (string[])["attn"] : ["attn", "cross_attn"])
                {
                    Pair(file, $"{block}.{attention}_ln", [Width]);
                    Tensor(file, $"{block}.{attention}.key.weight", [Width, Width]);
                    foreach (string part in (string[])["query", "value", "out"])
                        Pair(file, $"{block}.{attention}.{part}", [Width, Width]);
                }
            }
        }
    }

    // The first two components, against each other: what the mean and the variance are taken from leaves that as it is.
    private static float Direction(int at, float size) => (at % Width) switch { 0 => size, 1 => -size, _ => 0 };

    private static void Pair(BinaryWriter file, string name, int[] sizes)
    {
        Tensor(file, $"{name}.weight", sizes);
        Tensor(file, $"{name}.bias", [sizes[^1]]);
    }

    // Sizes come from the innermost on; matrices are in half precision.
    private static void Tensor(BinaryWriter file, string name, int[] sizes, Func<int, float>? value = null)
    {
        bool isHalf = sizes.Length > 1 && name.EndsWith("weight", StringComparison.Ordinal);
        Numbers(file, [sizes.Length, name.Length, isHalf ? 1 : 0, .. sizes]);
        file.Write(Encoding.ASCII.GetBytes(name));
        int count = sizes.Aggregate((product, size) => product * size);
        for (int i = 0; i < count; i++)
        {
            if (isHalf)
                file.Write((Half)(value?.Invoke(i) ?? 0));
            else
                file.Write(value?.Invoke(i) ?? 0);
        }
    }

    private static void Numbers(BinaryWriter file, params ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
            file.Write(number);
    }
}
