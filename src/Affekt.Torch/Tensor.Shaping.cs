namespace Affekt.Torch;

/// <content>The same elements in another shape or order, and parts of them.</content>
public sealed partial class Tensor
{
    /// <summary>Joins tensors along a dimension that they all have.</summary>
    public static Tensor Concat(Tensor[] tensors, long dimension) => Operator.Get("aten::cat").Call(tensors, dimension);

    /// <summary>Joins tensors of one shape along a new dimension.</summary>
    public static Tensor Stack(Tensor[] tensors, long dimension) => Operator.Get("aten::stack").Call(tensors, dimension);

    /// <summary>Another shape; one size may be -1 and follows from the others.</summary>
    public Tensor Reshape(params long[] shape) => Operator.Get("aten::reshape").Call(this, shape);

    /// <summary>Two dimensions swapped.</summary>
    public Tensor Transpose(long first, long second) => Operator.Get("aten::transpose.int").Call(this, first, second);

    /// <summary>Dimensions in another order.</summary>
    public Tensor Permute(params long[] order) => Operator.Get("aten::permute").Call(this, order);

    /// <summary>A dimension of size 1 added.</summary>
    public Tensor Unsqueeze(long dimension) => Operator.Get("aten::unsqueeze").Call(this, dimension);

    /// <summary>A dimension of size 1 taken out.</summary>
    public Tensor Squeeze(long dimension) => Operator.Get("aten::squeeze.dim").Call(this, dimension);

    /// <summary>One slice along a dimension, which goes away.</summary>
    public Tensor Select(long dimension, long index) => Operator.Get("aten::select.int").Call(this, dimension, index);

    /// <summary>A stretch along a dimension, sharing the memory.</summary>
    public Tensor Narrow(long dimension, long start, long length) =>
        Operator.Get("aten::narrow").Call(this, dimension, start, length);

    /// <summary>Slices along a dimension by their indexes (Int64), in that order.</summary>
    public Tensor IndexSelect(long dimension, Tensor indexes) =>
        Operator.Get("aten::index_select").Call(this, dimension, indexes);

    /// <summary>Rows by their indexes, with gradients: weight [n, D] and indexes [..] give [.., D].</summary>
    public Tensor Embedding(Tensor indexes) => Operator.Get("aten::embedding").Call(this, indexes, -1, false, false);

    /// <summary>The shape with sizes of 1 repeated, without copying.</summary>
    public Tensor Expand(params long[] shape) => Operator.Get("aten::expand").Call(this, shape, false);
}
