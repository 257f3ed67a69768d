using System.Text.Json;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>
/// The folder that a training run writes: recipe.json, origin.json (what it was made with and from), metrics.jsonl (a line an epoch),
/// steps.jsonl (a line a step), TensorBoard's events, state.json with the checkpoints that it names, and what the run makes of the best
/// one. A run that is killed at any moment goes on from its last finished epoch.
/// </summary>
public sealed class RunFolder
{
    internal const string RecipeFile = "recipe.json";
    internal const string MetricsFile = "metrics.jsonl";
    internal const string StepsFile = "steps.jsonl";
    internal const string EventsFile = "events.out.tfevents.affekt";
    internal const string CheckpointFolder = "checkpoints";
    private const string OptimizerPrefix = "optimizer.";

    private readonly TrainingRanks _ranks;

    private RunFolder(string path, LoopState state, TrainingRanks ranks)
    {
        Path = path;
        State = state;
        _ranks = ranks;
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Where the loop stands.</summary>
    public LoopState State { get; private set; }

    /// <summary>Makes the folder for a run from its start, or opens it for one that goes on.</summary>
    /// <param name="path">The folder; one that holds a run is only opened to go on with it.</param>
    /// <param name="recipe">What the run follows.</param>
    /// <param name="resume">
    /// Whether to go on after the last epoch that was finished; a run that finished none starts.
    /// </param>
    /// <param name="ranks">The processes that train together, of which only the first touches the folder; null for one.</param>
    /// <exception cref="RecipeException">
    /// The run to go on with follows another recipe, its state cannot be read, or a run that starts would overwrite another one or
    /// files that no run wrote.
    /// </exception>
    public static RunFolder Open(string path, Recipe recipe, bool resume, TrainingRanks? ranks = null)
    {
        RunFolder run = new(System.IO.Path.GetFullPath(path), new LoopState(), ranks ?? TrainingRanks.Alone);
        if (run._ranks.Broadcast(recipe.ToJson()) != recipe.ToJson())
            throw new RecipeException(recipe.File, null, "another recipe than process 0 follows", "the same");
        run.RunOnFirst(_ => run.State = run.OpenHere(recipe, resume), CancellationToken.None);
        return run;
    }

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder in it, made where it is missing.</summary>
    public string Folder(string name) => Directory.CreateDirectory(File(name)).FullName;

    /// <summary>
    /// Lets the first process do what only one may: score and write. The others wait, and then know the state that it left.
    /// </summary>
    /// <param name="work">The work; its token ends it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Affekt.Torch.Distributed.ProcessGroupException">Another process is gone.</exception>
    public void RunOnFirst(Action<CancellationToken> work, CancellationToken cancellation)
    {
        _ranks.RunWithHeartbeat(
            token =>
            {
                if (_ranks.IsFirst)
                    work(token);
            },
            cancellation);
        State = LoopState.Parse(_ranks.Broadcast(State.ToJson()), File(LoopState.FileName));
    }

    /// <summary>Replaces a text file whole: a crash leaves the old one.</summary>
    public void WriteAtomically(string name, string text) => AtomicFile.Write(File(name), text);

    /// <summary>Adds a line of metrics, and a point for each in TensorBoard's file: where in the run, and numbers by name.</summary>
    public void Log(string stage, int epoch, IReadOnlyDictionary<string, double> metrics)
    {
        Append(MetricsFile, [Line(stage, epoch, null, metrics)]);
        EventFile.Append(File(EventsFile), [(epoch, Tagged(stage, metrics))]);
    }

    /// <summary>Adds a line to steps.jsonl for each step, and points in TensorBoard's file.</summary>
    internal void Log(string stage, int epoch, IReadOnlyList<StepNumbers> steps)
    {
        (long Step, Dictionary<string, double> Numbers)[] all =
        [
            .. steps.Select(step => (step.Step, new Dictionary<string, double>
            {
                ["loss"] = step.Loss,
                ["learning_rate"] = step.LearningRate,
                ["gradient_norm"] = step.GradientNorm,
            })),
        ];
        Append(StepsFile, all.Select(step => Line(stage, epoch, step.Step, step.Numbers)));
        EventFile.Append(File(EventsFile), all.Select(step => (step.Step, Tagged($"{stage}/step", step.Numbers))));
    }

    /// <summary>
    /// Ends an epoch: keeps weights and optimizer as the last checkpoint, and the weights as the best where no epoch of
    /// the stage had a greater or equal score. state.json is replaced when all is on the disk.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="epoch">The epoch that ended, from 1.</param>
    /// <param name="score">Its dev score, where greater is better.</param>
    /// <param name="weights">All that was trained or gathered, by name.</param>
    /// <param name="optimizer">The stage's optimizer.</param>
    /// <returns>Whether this epoch is the stage's best so far.</returns>
    public bool EndEpoch(
        string stage, int epoch, double score, IEnumerable<(string Name, Tensor Tensor)> weights, AdamW optimizer)
    {
        (string Name, Tensor Tensor)[] kept = [.. weights];
        bool sameStage = State.Stage == stage;
        if (kept.FirstOrDefault(entry => !IsFinite(entry.Tensor)) is { Tensor: not null } broken)
            throw TrainingException.OfWeights(stage, epoch, broken.Name);

        // A score that is no number beats nothing, but a stage always has a best epoch to end with.
        bool better = !sameStage || State.BestScore is not { } best || score > best;
        Folder(CheckpointFolder);
        string last = $"{CheckpointFolder}/last-{stage}-{epoch}.safetensors";
        Write(last, kept.Concat(optimizer.State().Select(entry => (OptimizerPrefix + entry.Name, entry.Tensor))));
        string bestFile = better ? $"{CheckpointFolder}/best-{stage}-{epoch}.safetensors" : State.Best!;
        if (better)
            Write(bestFile, kept);
        Commit(State with
        {
            Stage = stage,
            Epoch = epoch,
            Steps = optimizer.Steps,
            BestEpoch = better ? epoch : State.BestEpoch,
            BestScore = better ? (double.IsFinite(score) ? score : null) : State.BestScore,
            Last = last,
            Best = bestFile,
        });
        return better;
    }

    /// <summary>
    /// Takes the weights, and the optimizer where it is given, from the last checkpoint, where there is one. The first process
    /// gives them to the others.
    /// </summary>
    /// <exception cref="RecipeException">The checkpoint does not hold these weights.</exception>
    public void RestoreLast(IEnumerable<(string Name, Tensor Tensor)> weights, AdamW? optimizer = null)
    {
        (string Name, Tensor Tensor)[] taken = [.. weights];
        if (_ranks.IsFirst && State.Last is { } file)
            Restore(file, taken, optimizer);
        _ranks.Broadcast(taken.Select(entry => entry.Tensor));
        if (optimizer is not null && _ranks.Count > 1)
        {
            _ranks.Broadcast(optimizer.State().Select(entry => entry.Tensor));
            optimizer.LoadState(optimizer.State().ToDictionary(entry => entry.Name, entry => entry.Tensor), State.Steps);
        }
    }

    /// <summary>Takes the weights of the best epoch.</summary>
    /// <exception cref="RecipeException">There is no such checkpoint, or it does not hold these weights.</exception>
    public void RestoreBest(IEnumerable<(string Name, Tensor Tensor)> weights) => Restore(
        State.Best ?? throw new RecipeException(File(LoopState.FileName), "best", "no checkpoint", "an epoch that was finished"),
        weights, null);

    /// <summary>Notes that nothing is left to do.</summary>
    public void Finish() => Commit(State with { IsFinished = true });

    private LoopState OpenHere(Recipe recipe, bool resume)
    {
        Directory.CreateDirectory(Path);
        RunFiles.RequireFree(Path, resume);
        RunFiles.DeleteLeftovers(Path);
        State = OpenState(recipe, resume);
        RunOrigin.Note(this, recipe);
        return State;
    }

    private LoopState OpenState(Recipe recipe, bool resume)
    {
        if (resume && System.IO.File.Exists(File(LoopState.FileName)))
        {
            RunFiles.RequireSameRecipe(File(RecipeFile), recipe);
            RunOrigin.RequireSameInputs(Path, recipe);
            bool extended = RunFiles.HasOtherLength(File(RecipeFile), recipe);
            LoopState state = LoopState.Read(File(LoopState.FileName));
            Truncate(File(MetricsFile), state.MetricsBytes);
            Truncate(File(StepsFile), state.StepsBytes);
            Truncate(File(EventsFile), state.EventsBytes);
            if (!extended)
                return state;
            WriteAtomically(RecipeFile, recipe.ToJson());
            return state with { IsFinished = false };
        }

        // The first file marks the folder as a run's. One with a config.json is a finished model, which this one no longer is.
        EventFile.Create(File(EventsFile));
        System.IO.File.Delete(File(BundleConfig.FileName));
        System.IO.File.Delete(File(RunOrigin.FileName));
        WriteAtomically(RecipeFile, recipe.ToJson());
        System.IO.File.WriteAllText(File(MetricsFile), "");
        System.IO.File.WriteAllText(File(StepsFile), "");
        return new LoopState();
    }

    private static IEnumerable<(string Tag, double Value)> Tagged(string prefix, IReadOnlyDictionary<string, double> numbers) =>
        numbers.Select(number => ($"{prefix}/{number.Key}", number.Value));

    private static byte[] Line(string stage, int epoch, long? step, IReadOnlyDictionary<string, double> numbers)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("stage", stage);
            json.WriteNumber("epoch", epoch);
            if (step is { } taken)
                json.WriteNumber("step", taken);
            foreach ((string name, double value) in numbers)
            {
                // JSON has no word for what a training that diverged gives.
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteNull(name);
            }

            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    private void Append(string name, IEnumerable<byte[]> lines)
    {
        using FileStream stream = new(File(name), FileMode.Append);
        foreach (byte[] line in lines)
            stream.Write(line);
    }

    private static void Truncate(string file, long length)
    {
        using FileStream stream = System.IO.File.OpenWrite(file);
        if (stream.Length > length)
            stream.SetLength(length);
    }

    private void Commit(LoopState state)
    {
        State = state with
        {
            MetricsBytes = new FileInfo(File(MetricsFile)).Length,
            StepsBytes = System.IO.File.Exists(File(StepsFile)) ? new FileInfo(File(StepsFile)).Length : 0,
            EventsBytes = new FileInfo(File(EventsFile)).Length,
        };
        WriteAtomically(LoopState.FileName, State.ToJson());
        foreach (string file in Directory.EnumerateFiles(Folder(CheckpointFolder)).Where(RunFiles.IsCheckpoint).ToArray())
        {
            string name = $"{CheckpointFolder}/{System.IO.Path.GetFileName(file)}";
            if (name != State.Last && name != State.Best)
                System.IO.File.Delete(file);
        }
    }

    private static bool IsFinite(Tensor tensor)
    {
        using TensorScope scope = new();
        using GradMode noGrad = GradMode.NoGrad();
        return tensor.Dtype != Dtype.Float32 || double.IsFinite(tensor.Norm().Item());
    }

    private void Write(string name, IEnumerable<(string Name, Tensor Tensor)> tensors) => SafetensorsWriter.Write(
        File(name),
        tensors.Select(entry => entry.Tensor.ToWrite(entry.Name)));

    private void Restore(string name, IEnumerable<(string Name, Tensor Tensor)> weights, AdamW? optimizer)
    {
        using TensorScope scope = new();
        using GradMode noGrad = GradMode.NoGrad();
        using StateFile file = StateFile.Open(File(name));
        foreach ((string key, Tensor tensor) in weights)
        {
            if (!file.Tensors.TryGetValue(key, out StoredTensor? stored) || !stored.Shape.SequenceEqual(tensor.Shape))
                throw new RecipeException(File(name), key, stored is null ? "nothing" : $"shape [{string.Join(", ", stored.Shape)}]", $"{tensor}");
            tensor.CopyFrom(Read(stored));
        }

        optimizer?.LoadState(
            file.Tensors.Values.Where(stored => stored.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
                .ToDictionary(stored => stored.Name[OptimizerPrefix.Length..], Read),
            State.Steps);
    }

    private static Tensor Read(StoredTensor stored) => stored.ToTorch();
}
