using Affekt.Models;
using Affekt.Models.Published;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// Moves networks to and from state files. Matrices may be stored as int8 rows: "name" holds [rows, columns] of Int8,
/// "name.scale" holds [rows] of Float32, and an element is their product.
/// </summary>
public static class NetworkState
{
    private const string ScaleSuffix = ".scale";
    private const int LargestInt8 = 127;

    /// <summary>Loads a network's parameters and buffers.</summary>
    /// <param name="module">Where to.</param>
    /// <param name="file">The open file.</param>
    /// <param name="rename">Gives the network's name for a stored one, or null to pass it over; null keeps all names.</param>
    /// <returns>Stored tensors that the network has no place for, by name.</returns>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape.</exception>
    /// <exception cref="ModelException">An Int8 tensor has no scales, or not as many as rows.</exception>
    public static IReadOnlyList<string> Load(Module module, StateFile file, Func<string, string?>? rename = null)
    {
        using TensorScope scope = new();
        Dictionary<string, Tensor> state = [];
        foreach (StoredTensor stored in file.Tensors.Values)
        {
            if (IsScale(file, stored.Name))
                continue;
            string? name = rename is null ? stored.Name : rename(stored.Name);
            if (name is not null)
                state[name] = Read(file, stored);
        }

        return module.LoadState(state, file.Path);
    }

    /// <summary>Loads a network from a file.</summary>
    /// <inheritdoc cref="Load(Module, StateFile, Func{string, string?}?)"/>
    /// <param name="module">Where to.</param>
    /// <param name="path">The file.</param>
    public static IReadOnlyList<string> Load(Module module, string path)
    {
        using StateFile file = StateFile.Open(path);
        return Load(module, file);
    }

    /// <summary>Writes a network's parameters and buffers as safetensors.</summary>
    /// <param name="module">The network.</param>
    /// <param name="path">The file, replaced whole or not at all.</param>
    /// <param name="matricesAsInt8">
    /// Whether matrices become int8 rows with a scale each (the largest magnitude of a row becomes 127), a quarter of the
    /// size; everything else stays Float32.
    /// </param>
    /// <param name="halfPrecision">Whether what would stay Float32 becomes Float16, half of the size.</param>
    public static void Save(Module module, string path, bool matricesAsInt8 = false, bool halfPrecision = false)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        SafetensorsWriter.Write(path, module.State().SelectMany(entry => matricesAsInt8 && entry.Tensor.Rank == 2
            ? AsInt8Rows(entry.Name, entry.Tensor)
            : [ToWrite(entry.Name, halfPrecision && entry.Tensor.Dtype == Dtype.Float32 ? entry.Tensor.To(Dtype.Float16) : entry.Tensor)]));
    }

    private static bool IsScale(StateFile file, string name) =>
        name.EndsWith(ScaleSuffix, StringComparison.Ordinal)
        && file.Tensors.TryGetValue(name[..^ScaleSuffix.Length], out StoredTensor? owner)
        && owner.Type == ElementType.Int8;

    private static Tensor Read(StateFile file, StoredTensor stored)
    {
        Tensor tensor = stored.ToTorch();
        if (stored.Type != ElementType.Int8)
            return tensor;
        if (!file.Tensors.TryGetValue(stored.Name + ScaleSuffix, out StoredTensor? scale))
            throw new ModelException(file.Path, stored.Name + ScaleSuffix, "nothing", $"one number for each row of {tensor}");
        Tensor scales = scale.ToTorch();
        if (stored.Shape is not [long rows, _] || scale.Shape is not [long count] || count != rows)
            throw new ModelException(file.Path, scale.Name, scales.ToString(), $"one number for each row of {tensor}");
        return tensor.To(Dtype.Float32) * scales.Unsqueeze(1);
    }

    private static TensorToWrite ToWrite(string name, Tensor tensor) =>
        new(name, tensor.Dtype.ToStored(), [.. tensor.Shape], (ReadOnlyMemory<byte>)tensor.ToBytes());

    /// <summary>A matrix of Float32 as int8 with a scale for each row.</summary>
    internal static TensorToWrite[] AsInt8Rows(string name, Tensor matrix)
    {
        int rows = (int)matrix.Shape[0], columns = (int)matrix.Shape[1];
        float[] values = matrix.ToArray<float>();
        byte[] quantized = new byte[values.Length];
        byte[] scales = new byte[rows * sizeof(float)];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> from = values.AsSpan(row * columns, columns);
            float largest = 0;
            foreach (float value in from)
                largest = Math.Max(largest, Math.Abs(value));

            // A row of zeros keeps a scale that divides.
            float scale = largest == 0 ? 1 : largest / LargestInt8;
            for (int column = 0; column < columns; column++)
                quantized[(row * columns) + column] = (byte)(sbyte)Math.Clamp(MathF.Round(from[column] / scale), -LargestInt8, LargestInt8);
            BitConverter.TryWriteBytes(scales.AsSpan(row * sizeof(float)), scale);
        }

        return
        [
            new TensorToWrite(name, ElementType.Int8, [rows, columns], (ReadOnlyMemory<byte>)quantized),
            new TensorToWrite(name + ScaleSuffix, ElementType.Float32, [rows], (ReadOnlyMemory<byte>)scales),
        ];
    }
}

/// <summary>Loads networks from folders in Hugging Face's layout.</summary>
internal static class PublishedNetwork
{
    /// <summary>Makes a network and loads the first weights that the folder has.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="make">Makes the network that the open file is for; its parameters need no first values.</param>
    /// <param name="rename">Gives the network's name for a stored one, or null to pass it over.</param>
    /// <param name="unused">Stored tensors that the network has no place for, in its names, sorted.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static T Load<T>(
        string folder, Func<StateFile, T> make, Func<string, string?> rename, out IReadOnlyList<string> unused)
        where T : Module
    {
        using StateFile file = StateFile.Open(PublishedFolder.WeightsFile(folder));
        T network;
        using (Initial.Skipped())
            network = make(file);
        try
        {
            unused = NetworkState.Load(network, file, rename);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
