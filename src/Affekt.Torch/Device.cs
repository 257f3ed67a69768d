using System.Globalization;

namespace Affekt.Torch;

/// <summary>Where a tensor lies: the processor, or another device by its index.</summary>
/// <param name="Type">"cpu", "cuda", or another type of device that libtorch knows.</param>
/// <param name="Index">The device's number among those of its type, from 0; 0 for the processor.</param>
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
    public override string ToString() =>
        Type == "cpu" ? Type : string.Create(CultureInfo.InvariantCulture, $"{Type}:{Index}");

    // What libtorch says of a tensor. Users choose between processor and CUDA; a tensor may lie on what they cannot choose.
    internal static Device Of(string text)
    {
        string[] parts = text.Split(':');
        return new Device(parts[0], parts.Length == 1 ? 0 : int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
