using System.Globalization;
using System.Text.Json;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>The folder that a training run writes: recipe.json, metrics.jsonl and what the run keeps.</summary>
public sealed class RunFolder
{
    private readonly string _metrics;

    /// <summary>Makes the folder, with the recipe in it and no metrics yet.</summary>
    public RunFolder(string path, Recipe recipe)
    {
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(Path);
        WriteWhole("recipe.json", recipe.ToJson());
        _metrics = File("metrics.jsonl");
        System.IO.File.WriteAllText(_metrics, "");
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder in it, made where it is missing.</summary>
    public string Folder(string name) => Directory.CreateDirectory(File(name)).FullName;

    /// <summary>Replaces a text file whole: a crash leaves the old one.</summary>
    public void WriteWhole(string name, string text)
    {
        string temporary = File(name + ".tmp");
        System.IO.File.WriteAllText(temporary, text);
        System.IO.File.Move(temporary, File(name), overwrite: true);
    }

    /// <summary>Adds a line of metrics: where in the run, and numbers by name.</summary>
    public void Log(string stage, int epoch, IReadOnlyDictionary<string, double> metrics)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("stage", stage);
            json.WriteNumber("epoch", epoch);
            foreach ((string name, double value) in metrics)
                json.WriteNumber(name, value);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        using FileStream stream = new(_metrics, FileMode.Append);
        stream.Write(line.ToArray());
    }
}

/// <summary>How far a run is, for a progress line.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs of the stage.</param>
/// <param name="Step">Steps done in the epoch.</param>
/// <param name="Steps">Steps of the epoch.</param>
/// <param name="Loss">The running mean of the training loss; NaN where there is none.</param>
/// <param name="ItemsPerSecond">Utterances a second in this epoch.</param>
/// <param name="Metric">The dev metric at the end of an epoch, with its name, or null.</param>
public sealed record TrainingProgress(
    string Stage, int Epoch, int Epochs, int Step, int Steps, double Loss, double ItemsPerSecond, string? Metric = null)
{
    /// <summary>One line for a person to read.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Stage} {Epoch}/{Epochs} step {Step}/{Steps} loss {Loss:F4} {ItemsPerSecond:F0}/s{(Metric is null ? "" : $" {Metric}")}");
}
