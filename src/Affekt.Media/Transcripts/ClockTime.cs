using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>Times as subtitles write them.</summary>
internal static partial class ClockTime
{
    /// <summary>The form, for errors.</summary>
    public const string Form = "a time such as 1:02:03.450 or 02:03,450";

    // Nothing recorded is longer; a sum of fields beyond it is no time.
    private const double LongestHours = 1000;

    /// <summary>Reads hours (may be left out), minutes, seconds and a fraction (may be left out, after a dot or a comma).</summary>
    public static TimeSpan? Parse(string text)
    {
        Match match = Clock().Match(text);
        if (!match.Success)
            return null;
        double seconds = Number(match.Groups["s"].Value)
            + Number($"0.{match.Groups["f"].Value}0")
            + (60 * (Number(match.Groups["m"].Value) + (60 * Number($"0{match.Groups["h"].Value}"))));
        return seconds < LongestHours * 3600 && Number(match.Groups["s"].Value) < 60 && Number(match.Groups["m"].Value) < 60
            ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond))
            : null;
    }

    private static double Number(string digits) => double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?:(?<h>[0-9]{1,4}):)?(?<m>[0-9]{1,2}):(?<s>[0-9]{1,2})(?:[.,](?<f>[0-9]{1,9}))?$")]
    private static partial Regex Clock();
}
