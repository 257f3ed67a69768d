using System.Globalization;
using System.IO.Compression;

namespace Affekt.Corpora;

/// <summary>
/// Reads FER2013 (Goodfellow et al., 2013: 48x48 gray faces) as it is usually unpacked: folders train/ and validation/ (or
/// test/), in them a folder for each of the seven classes, in them a JPEG or PNG file for each face, of any size, colored or gray.
/// The folders may lie in a zip file instead: its entries are then named as if the zip were a folder.
/// </summary>
public static class Fer2013Corpus
{
    private const string Expected =
        "a folder or zip file with train/ and validation/ or test/, in them a folder for each emotion, in them .jpg or .png files";

    /// <summary>
    /// Reads every face as a dialogue of one utterance without words. train/ is training data, all else is test data: FER2013's
    /// faces are of unknown people and not numbered by person, so no split by person can be made. A picture that is called
    /// NAME-PERSON-NUMBER, person and number in digits, is one of that person, who is then the speaker NAME-PERSON.
    /// </summary>
    /// <param name="root">The folder that holds train/ and validation/, or the zip file.</param>
    /// <exception cref="CorpusException">No face lies there, a class is none of the seven, or the zip file is damaged.</exception>
    public static Corpus Read(string root)
    {
        string full = Path.GetFullPath(root);
        List<Dialogue> dialogues = [];
        foreach (string name in Names(root, full).Where(name => IsPicture(name) && !MediaFiles.IsLitter(name)).Order(StringComparer.Ordinal))
        {
            string[] parts = name.Split('/');
            if (parts.Length < 3 || ParseSplit(parts[^3]) is not { } split)
                continue;
            string id = string.Join('/', parts[^3..]);
            Utterance utterance = new()
            {
                Id = id,
                Dialogue = id,
                Index = 0,
                Speaker = Person(parts[^1]),
                Label = Emotions.TryParse(parts[^2], out Emotion emotion)
                    ? (int)emotion
                    : throw new CorpusException(
                        CorpusException.Quote(parts[^2]), $"one of {LabelSet.Emotions}", Path.Combine(full, name), field: "class folder"),
                Split = split,
                Media = Path.Combine(full, name),
            };
            dialogues.Add(new Dialogue(id, split, [utterance]));
        }

        return dialogues.Count > 0
            ? new Corpus("fer2013", dialogues, [])
            : throw new CorpusException("no picture in such folders", Expected, root);
    }

    /// <summary>The bytes of some faces' files, in the order asked for.</summary>
    /// <param name="root">What <see cref="Read"/> was given.</param>
    /// <param name="faces">Utterances of that corpus.</param>
    /// <exception cref="CorpusException">A file is gone, or the zip file is damaged.</exception>
    public static IEnumerable<byte[]> ReadFiles(string root, IEnumerable<Utterance> faces)
    {
        string full = Path.GetFullPath(root);
        using ZipArchive? zip = File.Exists(full) ? OpenZip(root, full) : null;
        foreach (Utterance face in faces)
            yield return ReadFile(zip, full, face.Media!);
    }

    private static byte[] ReadFile(ZipArchive? zip, string root, string path)
    {
        try
        {
            if (zip is null)
                return File.ReadAllBytes(path);
            ZipArchiveEntry entry = zip.GetEntry(Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))
                ?? throw new InvalidDataException("no such entry");
            using Stream stream = entry.Open();
            byte[] bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CorpusException(e.Message, "the file of a face", path, cause: e);
        }
    }

    private static IReadOnlyList<string> Names(string root, string full)
    {
        if (File.Exists(full))
        {
            using ZipArchive zip = OpenZip(root, full);
            return [.. zip.Entries.Select(entry => entry.FullName)];
        }

        try
        {
            return
            [
                .. Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories)
                    .Select(path => Path.GetRelativePath(full, path).Replace(Path.DirectorySeparatorChar, '/')),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException(e.Message, Expected, root, cause: e);
        }
    }

    private static ZipArchive OpenZip(string root, string full)
    {
        try
        {
            return ZipFile.OpenRead(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CorpusException(e.Message, Expected, root, cause: e);
        }
    }

    private static string? Person(string name)
    {
        string[] parts = Path.GetFileNameWithoutExtension(name).Split('-');
        return parts.Length == 3 && parts[0].Length > 0 && parts.Skip(1).All(part => part.Length > 0 && part.All(char.IsAsciiDigit))
            ? $"{parts[0]}-{parts[1]}"
            : null;
    }

    private static bool IsPicture(string name) =>
        name.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".jpeg", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    private static Split? ParseSplit(string folder) => folder.ToLowerInvariant() switch
    {
        "train" => Split.Train,
        "validation" or "test" => Split.Test,
        _ => null,
    };
}

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

    /// <summary>
    /// What people see in faces of which most see the same: for each emotion in label order the mean shares of the seven in the votes for
    /// the faces on which that one has more votes than any other.
    /// </summary>
    /// <param name="file">A CSV file with a column for each emotion, as fer2013new.csv.</param>
    /// <exception cref="CorpusException">The file cannot be read, is no such table, or there is an emotion that most see in no face.</exception>
    public static IReadOnlyList<IReadOnlyList<double>> ReadConfusion(string file)
    {
        double[][] sums = [.. _votes.Select(_ => new double[_votes.Length])];
        foreach (CsvRow row in CsvRows.Read(file, _votes))
        {
            double[] votes = [.. _votes.Select(column => Number(row, column))];
            double most = votes.Max();
            if (votes.Count(count => count == most) > 1)
                continue;
            double[] sum = sums[Array.IndexOf(votes, most)];
            for (int i = 0; i < votes.Length; i++)
                sum[i] += votes[i] / votes.Sum();
        }

        int missing = Array.FindIndex(sums, sum => sum.Sum() == 0);
        return missing < 0
            ? [.. sums.Select(sum => Array.ConvertAll(sum, share => share / sum.Sum()))]
            : throw new CorpusException($"no face in which most see {_votes[missing]}", "some for each of the seven emotions", file);
    }

    private static double Number(CsvRow row, string column) =>
        double.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0
            ? value
            : throw row.Wrong(column, "a number from 0 on");
}
