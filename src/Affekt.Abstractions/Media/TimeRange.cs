namespace Affekt.Media;

/// <summary>A stretch of a media file, in time since its first sample or picture, whichever comes first.</summary>
/// <param name="Start">Where it begins, inclusive; zero or later.</param>
/// <param name="End">Where it ends, exclusive; after <paramref name="Start"/>. It may lie beyond the file's end.</param>
public readonly record struct TimeRange(TimeSpan Start, TimeSpan End)
{
    /// <summary>End minus start.</summary>
    public TimeSpan Length => End - Start;

    /// <summary>The stretch between two times in milliseconds.</summary>
    public static TimeRange FromMilliseconds(double start, double end) =>
        new(TimeSpan.FromMilliseconds(start), TimeSpan.FromMilliseconds(end));
}
