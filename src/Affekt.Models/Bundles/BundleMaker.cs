using Affekt.Models.Fusion;
using Affekt.Models.Hub;
using Affekt.Models.Published;

namespace Affekt.Models.Bundles;

/// <summary>A published classifier that a bundle is to be made of.</summary>
/// <param name="Source">As it was named: a folder, or owner/name on the hub.</param>
/// <param name="Folder">Where it lies.</param>
public sealed record PublishedSource(string Source, string Folder)
{
    /// <summary>Whether it was fetched: the bundle then names its repository and commit, and doesn't hold it.</summary>
    public bool IsFetched => !Directory.Exists(Source);
}

/// <summary>Makes a bundle of published classifiers, without training.</summary>
public static class BundleMaker
{
    /// <summary>
    /// What an expert's evidence counts beside another's, where nothing was fitted: half. Classifiers that were trained elsewhere are surer
    /// than right, and agree more than independent ones would.
    /// </summary>
    public const double DefaultWeight = 0.5;

    /// <summary>The version that a new bundle has.</summary>
    public const string FirstVersion = "1.0.0";

    private static readonly string[] _names = ["text", "audio", "face"];

    /// <summary>The configuration of a bundle of up to three classifiers, at least one.</summary>
    /// <param name="name">The bundle's name.</param>
    /// <param name="text">The classifier of words, or null.</param>
    /// <param name="audio">The classifier of sound, or null.</param>
    /// <param name="face">The classifier of faces, or null.</param>
    /// <param name="map">
    /// What labels are: an emotion or another of the bundle's labels, or none, by label; "text:", "audio:" or "face:" before a label names one classifier's.
    /// </param>
    /// <param name="link">Whether folders stay where they are; else the bundle holds copies.</param>
    /// <param name="dimensions">A network of measures of sound, such as arousal, or null.</param>
    /// <param name="set">The bundle's labels; null for the seven emotions.</param>
    /// <exception cref="ModelException">A folder is no classifier of this kind, or a label cannot be matched as told.</exception>
    public static BundleConfig Describe(
        string name, PublishedSource? text, PublishedSource? audio, PublishedSource? face, IReadOnlyDictionary<string, string> map, bool link,
        PublishedSource? dimensions = null, LabelSet? set = null)
    {
        set ??= LabelSet.Emotions;
        (PublishedSource? Source, PublishedInput Input)[] sources =
            [(text, PublishedInput.Text), (audio, PublishedInput.Sound), (face, PublishedInput.Picture)];
        PublishedConfig?[] configs = [.. sources.Select(source => source.Source is { } given ? Load(given.Folder, source.Input) : null)];
        Dictionary<string, string>[] told = [[], [], []];
        foreach ((string entry, string emotion) in map)
            Tell(entry, emotion, configs, told);
        LabelMap?[] maps = [.. configs.Select((config, i) => config is null ? null : LabelMap.Match(config, told[i], set))];
        PublishedClassifier?[] parts = [.. sources.Select((source, i) => source.Source is { } given ? Part(
            given, maps[i]!.Labels.Zip(maps[i]!.Targets).Where(pair => pair.Second is not null).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => set[pair.Second!.Value]),
            maps[i]!.LeftOut, _names[i], link) : null)];
        return new BundleConfig
        {
            Name = name,
            Version = FirstVersion,
            Labels = set.Names,
            Published = new PublishedClassifiers
            {
                Text = parts[0],
                Audio = parts[1],
                Face = parts[2],
                Dimensions = dimensions is null
                    ? null
                    : Part(dimensions, PublishedMeasures.RequireMeasures(dimensions.Folder).Labels.ToDictionary(label => label), [], "dimensions", link),
            },
            Fusion = new FusionConfig
            {
                Kind = FusionKind.Experts,
                Experts = new ExpertsConfig(Expert(maps[0]), Expert(maps[1]), Expert(maps[2])),
            },
            Speakers = [],
            Calibration = BundleCalibration.None,
        };
    }

    /// <summary>Writes a bundle's folder, whole or not at all: config.json, card.md, and copies of classifiers that it holds.</summary>
    /// <param name="target">The folder; it must not be there yet.</param>
    /// <param name="config">As <see cref="Describe"/> gave it, perhaps calibrated.</param>
    /// <param name="card">What card.md says.</param>
    /// <param name="sources">The classifiers' folders, by their names: text, audio, face and dimensions.</param>
    /// <exception cref="ModelException">The folder is there, or a classifier's files are missing or are not what they should be.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">Weights cannot be read.</exception>
    /// <exception cref="Onnx.Graphs.WeightsMismatchException">A tensor is missing or has another shape.</exception>
    public static void Write(string target, BundleConfig config, string card, IReadOnlyDictionary<string, string> sources)
    {
        if (Path.Exists(target))
            throw new ModelException(target, null, "something there already", "a folder that is not there yet");
        // A bundle that was made can be opened.
        foreach (string folder in config.Published!.All.Select(part => sources[part.Name]))
        {
            using PublishedModel model = PublishedModel.Open(folder, new PublishedOutputs { Classifier = true });
            (model as PublishedPictures)?.RequireSquares();
        }

        string parent = Path.GetDirectoryName(Path.GetFullPath(target.TrimEnd('/', '\\')))!;
        Directory.CreateDirectory(parent);
        string written = Path.Combine(parent, $".{Path.GetFileName(target.TrimEnd('/', '\\'))}.{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(written);
            foreach ((string name, PublishedClassifier part) in config.Published.All)
            {
                if (part.Folder is { } own && !Path.IsPathRooted(own))
                    Copy(sources[name], Path.Combine(written, own));
            }

            File.WriteAllText(Path.Combine(written, "card.md"), card);
            File.WriteAllText(Path.Combine(written, BundleConfig.FileName), config.ToJson() + "\n");
            Directory.Move(written, target);
        }
        finally
        {
            if (Directory.Exists(written))
                Directory.Delete(written, recursive: true);
        }
    }

    private static PublishedConfig Load(string folder, PublishedInput input)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        return config.Input == input
            ? config
            : throw new ModelException(config.File, "model_type", $"\"{config.Family}\"", $"a network that takes {PublishedExperts.Name(input)}");
    }

    private static void Tell(string entry, string emotion, PublishedConfig?[] configs, Dictionary<string, string>[] told)
    {
        int only = Array.FindIndex(_names, name => entry.StartsWith(name + ":", StringComparison.Ordinal));
        string label = only < 0 ? entry : entry[(_names[only].Length + 1)..];
        bool found = false;
        for (int i = 0; i < configs.Length; i++)
        {
            if ((only >= 0 && only != i) || configs[i]?.Labels.Contains(label, StringComparer.OrdinalIgnoreCase) != true)
                continue;
            told[i][label] = emotion;
            found = true;
        }

        if (!found)
        {
            throw new ModelException(
                "--map", entry, "no label of a classifier",
                string.Join("; ", configs.Select((config, i) => config is null ? "" : $"{_names[i]}: {string.Join(", ", config.Labels)}").Where(text => text.Length > 0)));
        }
    }

    private static PublishedClassifier Part(
        PublishedSource source, IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> leftOut, string name, bool link) => new()
        {
            Folder = source.IsFetched ? null : link ? Path.GetFullPath(source.Folder) : name,
            Repository = source.IsFetched ? source.Source.Split('@')[0] : null,
            Revision = source.IsFetched && HubRepository.IsCommit(Path.GetFileName(source.Folder)) ? Path.GetFileName(source.Folder) : null,
            Labels = labels,
            LeftOut = leftOut,
            License = PublishedHub.License(source.Folder),
            Source = source.IsFetched ? source.Source : Path.GetFileName(Path.GetFullPath(source.Folder).TrimEnd(Path.DirectorySeparatorChar)),
        };

    private static ExpertConfig Expert(LabelMap? map) => new(DefaultWeight)
    {
        Known = map is null || map.Known.Count == map.Set.Count ? null : [.. map.Known.Select(label => map.Set[label])],
    };

    private static void Copy(string from, string to)
    {
        foreach (string name in PublishedHub.FilesOf(from))
        {
            string file = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.Copy(Path.Combine(from, name), file);
        }
    }
}
