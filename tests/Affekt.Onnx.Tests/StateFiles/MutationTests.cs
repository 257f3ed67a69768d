using Affekt.Onnx;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

/// <summary>Damaged files end in the one typed error, or are read; nothing else, and nothing large is allocated.</summary>
public sealed class MutationTests
{
    private const int Mutations = 500;

    [Theory]
    [InlineData("small.safetensors")]
    [InlineData("small.onnx")]
    [InlineData("state.pth")]
    [InlineData("protocol4.pth")]
    [InlineData("zip64.pth")]
    [InlineData("legacy.pth")]
    [InlineData("model.json")]
    [InlineData("tfjs-weights_manifest.json")]
    public void A_damaged_file_is_read_or_refused(string name)
    {
        using TemporaryFolder folder = new();
        foreach (string shard in (string[])["tfjs.bin", "tfjs-1of2.bin", "tfjs-2of2.bin"])
        {
            folder.Write(shard, File.ReadAllBytes(StateFileFixtures.PathOf(shard)));
        }

        byte[] original = name == "small.safetensors" ? Safetensors(folder) : File.ReadAllBytes(StateFileFixtures.PathOf(name));
        Random random = new(20);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            string path = folder.Write($"{i}-{name}", Damage(original, random));
            long before = GC.GetAllocatedBytesForCurrentThread();
            refused += Reads(path) ? 0 : 1;
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            File.Delete(path);
            Assert.True(allocated < 1_000_000, $"mutation {i} made the reader allocate {allocated} bytes");
        }

        Assert.InRange(refused, 1, Mutations - 1);
    }

    private static bool Reads(string path)
    {
        try
        {
            using StateFile file = StateFile.Open(path);
            foreach (StoredTensor tensor in file.Tensors.Values)
            {
                Assert.Equal(
                    tensor.Shape.Aggregate((long)tensor.Type.Size(), (bytes, size) => bytes * size), tensor.Bytes.Length);
                Touch(tensor.Bytes);
            }

            return true;
        }
        catch (StateFileException)
        {
            return false;
        }
    }

    private static void Touch(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            Assert.InRange(bytes.IndexOf(bytes[^1]), 0, bytes.Length - 1);
        }
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        int at = random.Next(original.Length);
        byte[] damaged = [.. original];
        switch (random.Next(6))
        {
            case 0:
                return damaged[..at];
            case 1:
                return [.. original[..at], .. original[Math.Min(original.Length, at + random.Next(1, 9))..]];
            case 2:
                byte[] inserted = new byte[random.Next(1, 9)];
                random.NextBytes(inserted);
                return [.. original[..at], .. inserted, .. original[at..]];
            case 3:
                damaged.AsSpan(at, Math.Min(8, original.Length - at)).Fill(random.Next(2) == 0 ? (byte)0 : (byte)255);
                return damaged;
            case 4:
                // A digit stays a digit, so that JSON survives and its numbers lie.
                int digit = Array.FindIndex(damaged, at, b => b is >= (byte)'0' and <= (byte)'9');
                damaged[digit < 0 ? at : digit] = (byte)('0' + random.Next(10));
                return damaged;
            default:
                damaged[at] = (byte)random.Next(256);
                return damaged;
        }
    }

    private static byte[] Safetensors(TemporaryFolder folder)
    {
        string path = folder.At("original");
        using StateFile source = StateFile.Open(StateFileFixtures.PathOf("small.onnx"));
        SafetensorsWriter.Write(path, source.Tensors.Values.Select(tensor => new TensorToWrite(tensor)), source.Metadata);
        return File.ReadAllBytes(path);
    }
}
