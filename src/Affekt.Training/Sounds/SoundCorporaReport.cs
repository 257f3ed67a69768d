using System.Globalization;
using System.Text;

namespace Affekt.Training.Sounds;

/// <summary>How a sound recipe does on each of its corpora when it hears nothing of it.</summary>
/// <param name="Schema">"affekt.sound-corpora/1".</param>
/// <param name="Rows">The corpora.</param>
public sealed record SoundCorporaReport(string Schema, IReadOnlyList<SoundCorporaRow> Rows)
{
    /// <summary>The schema that this version writes.</summary>
    public const string CurrentSchema = "affekt.sound-corpora/1";

    /// <summary>The JSON form.</summary>
    public string ToJson() => ReportJson.Write(this);

    /// <summary>A table for people.</summary>
    public string ToMarkdown()
    {
        IReadOnlyList<SoundCorporaScore> first = Rows[0].Scores;
        StringBuilder text = new(
            "# Sound on corpora left out\n\nThe sound recipe trained and calibrated without each corpus in turn, then measured on it. UAR and expected calibration\n"
            + "error (ECE) in percent, by how many other utterances of the speaker are known; the mean of k drawn ones.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| left out | trained on else | speakers | sounds | classes | {string.Join(" | ", first.Select(score => $"UAR {score.Baseline}"))} | ECE none | ECE all |\n");
        text.Append(CultureInfo.InvariantCulture, $"|{string.Concat(Enumerable.Repeat("---|", 7 + first.Count))}\n");
        foreach (SoundCorporaRow row in Rows)
        {
            string scores = string.Join(" | ", row.Scores.Select(score => Percent(score.Uar)));
            text.Append(CultureInfo.InvariantCulture, $"| {row.Corpus} | {(row.Trained ? "yes" : "no")} | {row.Speakers} | {row.Sounds} | {row.Classes} | {scores} | {Percent(row.Scores[0].Ece)} | {Percent(row.Scores[^1].Ece)} |\n");
        }

        return text.ToString();
    }

    private static string Percent(double fraction) => (100 * fraction).ToString("0.0", CultureInfo.InvariantCulture);
}

/// <summary>A corpus that was left out.</summary>
/// <param name="Corpus">Its name.</param>
/// <param name="Trained">Whether the recipe trains on it where it is not left out; else it only chooses.</param>
/// <param name="Speakers">How many speak.</param>
/// <param name="Sounds">How many sounds were answered.</param>
/// <param name="Classes">How many emotions it has.</param>
/// <param name="Scores">By what is known of a speaker.</param>
public sealed record SoundCorporaRow(
    string Corpus, bool Trained, int Speakers, int Sounds, int Classes, IReadOnlyList<SoundCorporaScore> Scores);

/// <summary>Scores where some of a speaker's other utterances are known.</summary>
/// <param name="Baseline">none, their number, or all.</param>
/// <param name="Uar">Mean recall over the classes that the corpus has.</param>
/// <param name="Ece">Expected calibration error.</param>
public sealed record SoundCorporaScore(string Baseline, double Uar, double Ece);
