using System.Globalization;

namespace Affekt.Torch;

/// <summary>Where a tensor lies: the processor, or a CUDA device by its index.</summary>
/// <param name="Type">"cpu" or "cuda".</param>
/// <param name="Index">The CUDA device's number, from 0; 0 for the processor.</param>
public sealed record Device(string Type, int Index)
{
    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new("cpu", 0);

    /// <summary>Whether this is a CUDA device.</summary>
    public bool IsCuda => Type == "cuda";

    /// <summary>Reads "cpu", "cuda" or "cuda:n".</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static Device Parse(string text)
    {
        if (text == "cpu")
            return Cpu;
        if (text == "cuda")
            return new Device("cuda", 0);
        if (text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            return new Device("cuda", index);
        throw new FormatException($"device: found \"{text}\", expected cpu, cuda or cuda:n");
    }

    /// <inheritdoc/>
    public override string ToString() => IsCuda ? string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}") : Type;
}
