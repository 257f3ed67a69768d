namespace Affekt.Onnx.Graphs;

/// <summary>The value of a node's attribute: a number, a text, or numbers.</summary>
public readonly struct AttributeValue
{
    // Numbers of onnx.AttributeProto: fields, then the values of its field type.
    private const int Name = 1, F = 2, I = 3, S = 4, Floats = 7, Integers = 8, Texts = 9, Type = 20;
    private const int TypeFloat = 1, TypeInt = 2, TypeString = 3, TypeFloats = 6, TypeInts = 7, TypeStrings = 8;

    private readonly object _value;

    private AttributeValue(object value) => _value = value;

    /// <summary>A whole number.</summary>
    public static implicit operator AttributeValue(long value) => new(value);

    /// <summary>A number.</summary>
    public static implicit operator AttributeValue(float value) => new(value);

    /// <summary>A text.</summary>
    public static implicit operator AttributeValue(string value) => new(value);

    /// <summary>Whole numbers.</summary>
    public static implicit operator AttributeValue(long[] value) => new(value);

    /// <summary>Numbers.</summary>
    public static implicit operator AttributeValue(float[] value) => new(value);

    /// <summary>Texts.</summary>
    public static implicit operator AttributeValue(string[] value) => new(value);

    /// <summary>The number of an enumeration, for the attribute <c>to</c> of Cast.</summary>
    public static implicit operator AttributeValue(ElementType value) => new((long)value);

    internal ProtoWriter Encode(string name)
    {
        ProtoWriter attribute = new ProtoWriter().Text(Name, name);
        switch (_value)
        {
            case long number:
                return attribute.Varint(I, number).Varint(Type, TypeInt);
            case float number:
                return attribute.Float(F, number).Varint(Type, TypeFloat);
            case string text:
                return attribute.Text(S, text).Varint(Type, TypeString);
            case long[] numbers:
                foreach (long number in numbers)
                    attribute.Varint(Integers, number);
                return attribute.Varint(Type, TypeInts);
            case float[] numbers:
                foreach (float number in numbers)
                    attribute.Float(Floats, number);
                return attribute.Varint(Type, TypeFloats);
            default:
                foreach (string text in (string[])_value)
                    attribute.Text(Texts, text);
                return attribute.Varint(Type, TypeStrings);
        }
    }
}
