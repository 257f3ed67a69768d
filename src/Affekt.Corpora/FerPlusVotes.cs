using System.Globalization;

namespace Affekt.Corpora;

/// <summary>
/// Reads what ten people each saw in faces of FER2013 (FER+; Barsoum et al., 2016), from a table that names the faces as
/// <see cref="Fer2013Corpus"/> does.
/// </summary>
public static class FerPlusVotes
{
    /// <summary>The score from which on a face of the table is the one that people voted on.</summary>
    public const double LeastScore = 0.98;

    private const string NameColumn = "zip_name";
    private const string ScoreColumn = "match_score";

    // By label; contempt, "unknown" and "no face" are none of the seven.
    private static readonly string[] _votes = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"];

    /// <summary>
    /// The shares of the seven emotions in the votes for each face, by the face's id ("train/angry/1000.jpg"). An emotion
    /// with a single vote counts as a slip, as the votes' publishers count it. A face that no two people agree on is left out.
    /// </summary>
    /// <param name="file">A CSV file with the columns zip_name, match_score and one for each emotion.</param>
    /// <exception cref="CorpusException">The file cannot be read, or is no such table.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<float>> Read(string file)
    {
        Dictionary<string, IReadOnlyList<float>> faces = [];
        foreach (CsvRow row in CsvRows.Read(file, [NameColumn, ScoreColumn, .. _votes]))
        {
            double[] votes = [.. _votes.Select(column => Number(row, column)).Select(count => count > 1 ? count : 0)];
            double all = votes.Sum();
            if (Number(row, ScoreColumn) >= LeastScore && all > 0)
                faces[row[NameColumn]] = [.. votes.Select(count => (float)(count / all))];
        }

        return faces;
    }

    private static double Number(CsvRow row, string column) =>
        double.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0
            ? value
            : throw row.Wrong(column, "a number from 0 on");
}
