namespace Affekt.Corpora;

/// <summary>
/// Splits for corpora that were published without: the speakers are dealt into groups once and for all, and each fold tests on another
/// group.
/// </summary>
internal static class SpeakerFolds
{
    /// <summary>The split of a group: its own fold tests on it, the next one stops early and calibrates by it, the others train on it.</summary>
    /// <param name="group">The group, from 1.</param>
    /// <param name="groups">How many groups there are.</param>
    /// <param name="fold">The fold, from 1; null for the last.</param>
    public static Split SplitOf(int group, int groups, int? fold)
    {
        int test = fold ?? groups, dev = test > 1 ? test - 1 : groups;
        return group == test ? Split.Test : group == dev ? Split.Dev : Split.Train;
    }
}
