using System.Text.Json.Serialization;
using Affekt.Models.Hub;
using Affekt.Models.Published;

namespace Affekt.Models.Bundles;

/// <summary>The experts of a bundle that was made of published classifiers; at least one.</summary>
public sealed record PublishedClassifiers
{
    /// <summary>The expert for words; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishedClassifier? Text { get; init; }

    /// <summary>The expert for sound.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishedClassifier? Audio { get; init; }

    /// <summary>The expert for faces.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishedClassifier? Face { get; init; }

    /// <summary>
    /// A network that hears and gives measures, such as arousal, in place of labels: they are told beside the answer, as it gives them. Its labels
    /// are the measures' names. Null where there is none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PublishedClassifier? Dimensions { get; init; }

    /// <summary>Those that are there, with their names.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, PublishedClassifier Part)> All =>
        new[] { ("text", Text), ("audio", Audio), ("face", Face), ("dimensions", Dimensions) }.Where(part => part.Item2 is not null).Select(part => (part.Item1, part.Item2!));

    internal void Check(string file, LabelSet labels)
    {
        if ((Text ?? Audio ?? Face) is null)
            throw new ModelException(file, "published", "nothing", "text, audio or face");
        foreach ((string name, PublishedClassifier part) in All)
            part.Check(file, $"published.{name}", part == Dimensions ? null : labels);
    }
}

/// <summary>A published classifier.</summary>
public sealed record PublishedClassifier : PublishedPart
{
    /// <summary>What its labels are: emotions, or the bundle's labels, by label. Labels that are not here are left out.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The labels that are left out.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Its license, as its repository states it; null where it states none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? License { get; init; }

    /// <summary>Where it comes from, as it was named when the bundle was made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    /// <summary>What labels are, those that are left out included.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> TargetsByLabel =>
        Labels.Concat(LeftOut.Select(label => KeyValuePair.Create(label, LabelMap.None))).ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>Where it lies.</summary>
    /// <param name="bundle">The bundle's folder.</param>
    /// <param name="options">The hub and the cache; the hub is asked where it isn't offline.</param>
    /// <param name="progress">Told of a fetch.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="ModelException">There is no such folder.</exception>
    /// <exception cref="HubException">The files are unavailable.</exception>
    public async Task<string> FindAsync(string bundle, HubOptions options, IProgress<string>? progress, CancellationToken cancellation)
    {
        if (Folder is { } folder)
        {
            string place = Path.Combine(bundle, folder);
            return Directory.Exists(place) ? place : throw new ModelException(place, null, "no such folder", "a published classifier");
        }

        string name = Revision is null ? Repository! : $"{Repository}@{Revision}";
        return await PublishedHub.FindAsync(name, options, new Fetching(progress), cancellation).ConfigureAwait(false);
    }

    // Measures have names of their own.
    internal void Check(string file, string field, LabelSet? labels)
    {
        EncoderHub.Check(file, field, Folder, Repository, Revision);
        foreach ((string label, string emotion) in Labels)
        {
            if (labels?.TryFind(emotion, out _) == false)
                throw new ModelException(file, $"{field}.labels.{label}", $"\"{emotion}\"", $"{labels}");
        }

        if (Labels.Count == 0)
            throw new ModelException(file, $"{field}.labels", "nothing", labels is null ? "names of measures" : $"labels that are some of {labels}");
    }

    private sealed class Fetching(IProgress<string>? progress) : IProgress<HubProgress>
    {
        private string? _file;

        public void Report(HubProgress value)
        {
            if (value.File != _file)
                progress?.Report($"fetching {value.Repository}/{_file = value.File}");
        }
    }
}
