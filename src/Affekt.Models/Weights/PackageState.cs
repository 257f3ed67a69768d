namespace Affekt.Models.Weights;

/// <summary>What the cache holds of a package.</summary>
public enum PackageState
{
    /// <summary>Nothing usable; the next use fetches it.</summary>
    Absent,

    /// <summary>Every wanted file, with the pinned content.</summary>
    Whole,

    /// <summary>A file's content is not the pinned one any more; the next use fetches the package anew.</summary>
    Damaged,
}
