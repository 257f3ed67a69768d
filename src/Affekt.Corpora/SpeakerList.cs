using System.Globalization;

namespace Affekt.Corpora;

/// <summary>A choice of numbered speakers, written as "17-20" or "1,3,5-8".</summary>
public sealed class SpeakerList
{
    private const int Largest = 9_999;

    private readonly SortedSet<int> _numbers;

    private SpeakerList(SortedSet<int> numbers) => _numbers = numbers;

    /// <summary>The chosen numbers, rising, each once.</summary>
    public IReadOnlyCollection<int> Numbers => _numbers;

    /// <summary>
    /// Reads numbers from 1 to 9999 and rising ranges of them, with commas between; blanks are ignored.
    /// </summary>
    /// <exception cref="CorpusException">
    /// The list is empty or some part of it is neither a number nor a range.
    /// </exception>
    public static SpeakerList Parse(string list)
    {
        SortedSet<int> numbers = [];
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2
                || ParseNumber(ends[0]) is not { } first
                || ParseNumber(ends[^1]) is not { } last
                || last < first)
            {
                throw new CorpusException(
                    $"{CorpusException.Quote(part)} in {CorpusException.Quote(list)}",
                    "numbers from 1 and rising ranges, such as 17-20 or 1,3,5-8", field: "speakers");
            }

            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return new SpeakerList(numbers);
    }

    /// <summary>Whether a speaker is chosen.</summary>
    public bool Contains(int number) => _numbers.Contains(number);

    private static int? ParseNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= Largest
            ? number
            : null;
}

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
