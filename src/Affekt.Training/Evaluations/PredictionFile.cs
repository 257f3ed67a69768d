using System.Text.Json;
using Affekt.Corpora;
using Affekt.Evaluation;

namespace Affekt.Training.Evaluations;

/// <summary>Writes what a model said, utterance by utterance, for comparisons and for looking at mistakes.</summary>
public static class PredictionFile
{
    /// <summary>
    /// Writes JSONL, an utterance per line: <c>{"id","dialogue","truth","emotion","confidence","probabilities":{seven}}</c>,
    /// replacing a file that is there only once all is written.
    /// </summary>
    /// <exception cref="EvaluationException">The file cannot be written.</exception>
    public static void Write(IEnumerable<Prediction> predictions, string path)
    {
        string temporary = path + ".tmp";
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                foreach (Prediction prediction in predictions)
                {
                    using (Utf8JsonWriter line = new(file))
                        WriteLine(line, prediction);
                    file.WriteByte((byte)'\n');
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"{path}: found {error.Message}, expected a file that can be written", error);
        }
    }

    private static void WriteLine(Utf8JsonWriter line, Prediction prediction)
    {
        line.WriteStartObject();
        line.WriteString("id", prediction.Id);
        line.WriteString("dialogue", prediction.Dialogue);
        line.WriteString("truth", prediction.Truth.Label());
        line.WriteString("emotion", prediction.Answer.Label());
        line.WriteNumber("confidence", prediction.Confidence);
        line.WriteStartObject("probabilities");
        foreach ((string label, double probability) in Emotions.Labels.Zip(prediction.Probabilities))
            line.WriteNumber(label, probability);
        line.WriteEndObject();
        line.WriteEndObject();
    }
}
