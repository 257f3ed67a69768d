using System.Text.Json;
using Affekt.Evaluation;

namespace Affekt.Training.Evaluations;

/// <summary>Writes what a model said, utterance by utterance, for comparisons and for looking at mistakes.</summary>
public static class PredictionFile
{
    /// <summary>
    /// Writes JSONL, an utterance per line: <c>{"id","dialogue","truth","emotion","confidence","probabilities":{seven}}</c>, and of a
    /// model with two branches <c>"rows":{"audio-text":{seven},...}</c>, those of each branch and fusion that answered. A file that
    /// is there is replaced only once all is written.
    /// </summary>
    /// <exception cref="EvaluationException">The file cannot be written.</exception>
    public static void Write(CorpusEvaluation evaluation, string path)
    {
        ILookup<string, (string Name, Prediction Prediction)> rows = evaluation.Rows
            .SelectMany(row => row.Predictions.Select(prediction => (row.Name, prediction))).ToLookup(pair => pair.prediction.Id);
        try
        {
            AtomicFile.Write(path, file =>
            {
                foreach (Prediction prediction in evaluation.Predictions)
                {
                    using (Utf8JsonWriter line = new(file))
                        WriteLine(line, prediction, [.. rows[prediction.Id]]);
                    file.WriteByte((byte)'\n');
                }
            });
        }
        catch (IOException error)
        {
            throw new EvaluationException($"{path}: found {error.Message}, expected a file that can be written", error);
        }
    }

    private static void WriteLine(
        Utf8JsonWriter line, Prediction prediction, IReadOnlyList<(string Name, Prediction Prediction)> rows)
    {
        line.WriteStartObject();
        line.WriteString("id", prediction.Id);
        line.WriteString("dialogue", prediction.Dialogue);
        line.WriteString("truth", prediction.Labels[prediction.Truth]);
        line.WriteString("emotion", prediction.Labels[prediction.Answer]);
        line.WriteNumber("confidence", prediction.Confidence);
        WriteProbabilities(line, "probabilities", prediction);
        if (rows.Count > 0)
        {
            line.WriteStartObject("rows");
            foreach ((string name, Prediction row) in rows)
                WriteProbabilities(line, name, row);
            line.WriteEndObject();
        }

        line.WriteEndObject();
    }

    private static void WriteProbabilities(Utf8JsonWriter line, string name, Prediction prediction)
    {
        line.WriteStartObject(name);
        foreach ((string label, double probability) in prediction.Labels.Names.Zip(prediction.Probabilities))
            line.WriteNumber(label, probability);
        line.WriteEndObject();
    }
}
