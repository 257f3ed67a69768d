using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>
/// One argument of an operator. Tensors, numbers, booleans, strings, element types, devices, packed objects and their
/// lists convert by themselves; <c>default</c> stands for "none".
/// </summary>
public readonly struct Value
{
    private Value(ValueKind kind, object? reference, long integer = 0, double number = 0)
    {
        Kind = kind;
        Reference = reference;
        Integer = integer;
        Number = number;
    }

    internal ValueKind Kind { get; }

    internal object? Reference { get; }

    internal long Integer { get; }

    internal double Number { get; }

    /// <summary>An optional argument that is left out.</summary>
    public static Value None => default;

    /// <summary>A tensor, or none where it is null.</summary>
    public static implicit operator Value(Tensor? tensor) => tensor is null ? default : new(ValueKind.Tensor, tensor);

    /// <summary>An integer.</summary>
    public static implicit operator Value(long value) => new(ValueKind.Int, null, value);

    /// <summary>An integer.</summary>
    public static implicit operator Value(int value) => new(ValueKind.Int, null, value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Value(double value) => new(ValueKind.Double, null, 0, value);

    /// <summary>A boolean.</summary>
    public static implicit operator Value(bool value) => new(ValueKind.Bool, null, value ? 1 : 0);

    /// <summary>A string, or none where it is null.</summary>
    public static implicit operator Value(string? value) => value is null ? default : new(ValueKind.String, value);

    /// <summary>An element type.</summary>
    public static implicit operator Value(Dtype value) => new(ValueKind.Int, null, (long)value);

    /// <summary>A device, or none where it is null.</summary>
    public static implicit operator Value(Device? value) =>
        value is null ? default : new(ValueKind.Device, value.ToString());

    /// <summary>A list of integers, or none where it is null.</summary>
    public static implicit operator Value(long[]? values) => values is null ? default : new(ValueKind.Ints, values);

    /// <summary>A list of floating-point numbers, or none where it is null.</summary>
    public static implicit operator Value(double[]? values) =>
        values is null ? default : new(ValueKind.Doubles, values);

    /// <summary>A list of booleans, or none where it is null.</summary>
    public static implicit operator Value(bool[]? values) => values is null ? default : new(ValueKind.Bools, values);

    /// <summary>A list of tensors, or none where it is null.</summary>
    public static implicit operator Value(Tensor[]? tensors) =>
        tensors is null ? default : new(ValueKind.Tensors, tensors);

    /// <summary>Packed weights or the like, or none where it is null.</summary>
    public static implicit operator Value(TorchObject? value) => value is null ? default : new(ValueKind.Object, value);

    /// <summary>A list of tensors in which null stands for "none", as indexing takes it.</summary>
    public static Value OptionalTensors(params Tensor?[] tensors) => new(ValueKind.OptionalTensors, tensors);
}
