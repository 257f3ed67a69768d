using System.Buffers.Binary;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Runs the pickle of a state dictionary. It knows only what such a pickle needs, and creates nothing but values of
/// its own: a pickle that names any other function or class is refused, so nothing in it can run.
/// </summary>
internal ref struct PickleMachine(MappedFile file, ZipEntry entry, Dictionary<string, PickleStorage>? storages = null)
{
    // A tensor takes about 30 values on the stack and in the memo. The limit keeps a hostile pickle from filling
    // memory.
    private const int MaxValues = 6_000_000;

    private static readonly object _mark = new();

    private readonly ReadOnlySpan<byte> _code = file.Slice(entry.Offset, (int)entry.Length);
    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;
    private int _values;

    /// <summary>Where in the file the pickle ended.</summary>
    public readonly long End => entry.Offset + _position;

    /// <summary>Runs the pickle and gives the value that it leaves.</summary>
    public object? Run()
    {
        while (true)
        {
            byte op = Take(1)[0];
            if (op == '.')
                return Pop();

            if (!(Scalar(op) || Container(op) || Memo(op) || Object(op)))
                throw Error($"opcode 0x{op:x2}", "one that a state dictionary needs");
        }
    }

    private bool Scalar(byte op)
    {
        switch (op)
        {
            case (byte)'N':
                Push(null);
                return true;
            case 0x88 or 0x89: // NEWTRUE, NEWFALSE
                Push(op == 0x88);
                return true;
            case (byte)'K': // BININT1
                Push((long)Take(1)[0]);
                return true;
            case (byte)'M': // BININT2
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                return true;
            case (byte)'J': // BININT
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                return true;
            case 0x8a: // LONG1
                Push(LongInteger(Take(Take(1)[0])));
                return true;
            case (byte)'G': // BINFLOAT
                Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                return true;
            case (byte)'X': // BINUNICODE
                Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                return true;
            case 0x8c: // SHORT_BINUNICODE
                Push(Text(Take(1)[0]));
                return true;
            default:
                return false;
        }
    }

    private bool Container(byte op)
    {
        switch (op)
        {
            case (byte)'(':
                Push(_mark);
                return true;
            case (byte)')':
                Push(new PickleTuple([]));
                return true;
            case 0x85 or 0x86 or 0x87: // TUPLE1, TUPLE2, TUPLE3
                Push(new PickleTuple(PopLast(op - 0x84)));
                return true;
            case (byte)'t':
                Push(new PickleTuple(PopToMark()));
                return true;
            case (byte)'}':
                Push(new PickleDict());
                return true;
            case (byte)']':
                Push(new PickleList());
                return true;
            case (byte)'a': // APPEND
                object? last = Pop();
                Top<PickleList>("a list").Items.Add(last);
                return true;
            case (byte)'e': // APPENDS
                object?[] items = PopToMark();
                Top<PickleList>("a list").Items.AddRange(items);
                return true;
            case (byte)'s': // SETITEM
                SetItems(PopLast(2));
                return true;
            case (byte)'u': // SETITEMS
                SetItems(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private bool Memo(byte op)
    {
        switch (op)
        {
            case (byte)'q': // BINPUT
                Remember(Take(1)[0]);
                return true;
            case (byte)'r': // LONG_BINPUT
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                return true;
            case 0x94: // MEMOIZE
                Remember((uint)_memo.Count);
                return true;
            case (byte)'h': // BINGET
                Push(Recall(Take(1)[0]));
                return true;
            case (byte)'j': // LONG_BINGET
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                return true;
            default:
                return false;
        }
    }

    private bool Object(byte op)
    {
        switch (op)
        {
            case 0x80: // PROTO
                Take(1);
                return true;
            case 0x95: // FRAME
                Take(8);
                return true;
            case (byte)'c': // GLOBAL
                string module = Line();
                Push(Global(module, Line()));
                return true;
            case 0x93: // STACK_GLOBAL
                string name = Pop<string>("a name");
                Push(Global(Pop<string>("a module"), name));
                return true;
            case (byte)'Q': // BINPERSID
                Push(Storage(Pop<PickleTuple>("a storage's tuple")));
                return true;
            case (byte)'R': // REDUCE
                object?[] arguments = Pop<PickleTuple>("a tuple of arguments").Items;
                Push(Call(Pop<object>("a function"), arguments));
                return true;
            case (byte)'b': // BUILD: attributes such as a state dictionary's _metadata, which hold no tensors
                Pop<PickleDict>("a dictionary of attributes");
                Top<PickleDict>("a dictionary");
                return true;
            default:
                return false;
        }
    }

    private readonly object Global(string module, string name) => $"{module}.{name}" switch
    {
        "collections.OrderedDict" => PickleGlobal.OrderedDict,
        "torch._utils._rebuild_tensor_v2" => PickleGlobal.RebuildTensor,
        "torch._utils._rebuild_parameter" => PickleGlobal.RebuildParameter,
        "torch.DoubleStorage" => new StorageType(ElementType.Float64),
        "torch.FloatStorage" => new StorageType(ElementType.Float32),
        "torch.HalfStorage" => new StorageType(ElementType.Float16),
        "torch.BFloat16Storage" => new StorageType(ElementType.BFloat16),
        "torch.LongStorage" => new StorageType(ElementType.Int64),
        "torch.IntStorage" => new StorageType(ElementType.Int32),
        "torch.ShortStorage" => new StorageType(ElementType.Int16),
        "torch.CharStorage" => new StorageType(ElementType.Int8),
        "torch.ByteStorage" => new StorageType(ElementType.UInt8),
        "torch.BoolStorage" => new StorageType(ElementType.Bool),
        string other => throw Error(
            $"the function or class {other}", "a state dictionary of tensors: save it with torch.save(model.state_dict(), path)"),
    };

    // The older format appends a view's place in its storage, which is None since PyTorch 0.4.
    private readonly PickleStorage Storage(PickleTuple id)
    {
        PickleStorage storage = id.Items is ["storage", StorageType type, string key, string, long length and >= 0, .. [] or [null]]
            ? new PickleStorage(type.Type, key, length)
            : throw Error("another persistent id", "('storage', type, key, location, number of elements)");
        storages?.TryAdd(storage.Key, storage);
        return storage;
    }

    private readonly object Call(object function, object?[] arguments) => (function, arguments) switch
    {
        (PickleGlobal.OrderedDict, []) => new PickleDict(),
        (PickleGlobal.RebuildParameter, [PickleTensor tensor, bool, ..]) => tensor,
        (PickleGlobal.RebuildTensor, [PickleStorage storage, long offset, PickleTuple shape, PickleTuple strides, bool, ..])
            when Numbers(shape) is long[] sizes && Numbers(strides) is long[] steps && sizes.Length == steps.Length =>
            new PickleTensor(storage, offset, sizes, steps),
        _ => throw Error(
            $"a call of {function} with {arguments.Length} arguments", "a tensor, a parameter or an empty OrderedDict"),
    };

    private static long[]? Numbers(PickleTuple tuple)
    {
        long[] numbers = [.. tuple.Items.OfType<long>()];
        return numbers.Length == tuple.Items.Length ? numbers : null;
    }

    private void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw Error("a key without a value", "pairs");

        PickleDict dict = Top<PickleDict>("a dictionary");
        for (int i = 0; i < pairs.Length; i += 2)
            dict.Items.Add((pairs[i], pairs[i + 1]));
    }

    private readonly object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Error(
            $"memo {index}", "one that was stored before");

    private void Remember(uint index)
    {
        CountValue();
        _memo[index] = Peek();
    }

    private void Push(object? value)
    {
        CountValue();
        _stack.Add(value);
    }

    private void CountValue()
    {
        if (++_values > MaxValues)
            throw Error($"more than {MaxValues} values", "a state dictionary");
    }

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>(string expected) => Pop() is T value ? value : throw Error("another value", expected);

    private readonly object? Peek() =>
        _stack.Count > 0 && _stack[^1] != _mark ? _stack[^1] : throw Error("an empty stack", "a value");

    private readonly T Top<T>(string expected) => Peek() is T value ? value : throw Error("another value", expected);

    private object?[] PopLast(int count)
    {
        object?[] values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            values[i] = Pop();

        return values;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(_mark);
        if (mark < 0)
            throw Error("no mark on the stack", "one");

        object?[] values = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private readonly long LongInteger(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long))
            throw Error($"an integer of {bytes.Length} bytes", "at most 8");

        long value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = i == bytes.Length - 1 ? (sbyte)bytes[i] : (value << 8) | bytes[i];

        return value;
    }

    private string Text(uint length) => Utf8Text.Read(file, "pickle", entry.Offset + _position, Take(length));

    private string Line()
    {
        int length = _code[_position..].IndexOf((byte)'\n');
        string text = length < 0 ? throw Error("a name without an end", "a line") : Text((uint)length);
        _position++;
        return text;
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)(_code.Length - _position))
            throw Error("the end of the pickle", $"{count} more bytes");

        ReadOnlySpan<byte> taken = _code.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    private readonly StateFileException Error(string found, string expected) =>
        file.Error("pickle", entry.Offset + _position, found, expected);
}

/// <summary>A Python tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A Python list.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A dict or an OrderedDict: its items in order.</summary>
internal sealed class PickleDict
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>One of the few functions and classes that a state dictionary needs.</summary>
internal enum PickleGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
}

/// <summary>A torch.FloatStorage and the like: the class of a storage.</summary>
internal sealed record StorageType(ElementType Type);

/// <summary>A storage in the file: <paramref name="Length"/> elements under the name <paramref name="Key"/>.</summary>
internal sealed record PickleStorage(ElementType Type, string Key, long Length);

/// <summary>A view of a storage; offset and strides count elements.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
