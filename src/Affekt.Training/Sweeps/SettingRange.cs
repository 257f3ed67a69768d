using System.Globalization;
using System.Text.Json;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sweeps;

/// <summary>
/// What one setting of a recipe may be in a sweep: "learning_rate=1e-5..1e-3:log" is any number between two, evenly by its logarithm;
/// "dropout=0.1..0.5" evenly by its value; "dialogues=2..16" any whole number; "lstm_width=128|256|512" one of several.
/// </summary>
public sealed class SettingRange
{
    private readonly double _least, _most;
    private readonly bool _logarithmic, _whole;
    private readonly string[] _choices;

    private SettingRange(string key, double least, double most, bool logarithmic, bool whole, string[] choices) =>
        (Key, _least, _most, _logarithmic, _whole, _choices) = (key, least, most, logarithmic, whole, choices);

    /// <summary>The setting's name, a dotted path in the recipe.</summary>
    public string Key { get; }

    /// <summary>Reads a range.</summary>
    /// <param name="text">As <see cref="SettingRange"/> says.</param>
    /// <exception cref="RecipeException">It is none.</exception>
    public static SettingRange Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string key = equals > 0 ? text[..equals] : throw Wrong(text);
        string values = text[(equals + 1)..];
        string[] choices = values.Split('|');
        if (choices.Length > 1)
            return choices.Contains("") ? throw Wrong(text) : new SettingRange(key, 0, 0, false, false, choices);
        bool logarithmic = values.EndsWith(":log", StringComparison.Ordinal);
        string[] ends = (logarithmic ? values[..^4] : values).Split("..");
        if (ends.Length != 2 || !Number(ends[0], out double least) || !Number(ends[1], out double most) || least >= most || (logarithmic && least <= 0))
            throw Wrong(text);
        bool whole = !logarithmic && ends.All(end => long.TryParse(end, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
        return new SettingRange(key, least, most, logarithmic, whole, []);
    }

    /// <summary>Draws a value, as JSON or a word.</summary>
    public string Draw(Random random)
    {
        if (_choices.Length > 0)
            return _choices[random.Next(_choices.Length)];
        if (_whole)
            return random.NextInt64((long)_least, (long)_most + 1).ToString(CultureInfo.InvariantCulture);
        double share = random.NextDouble();
        double value = _logarithmic ? _least * Math.Pow(_most / _least, share) : _least + ((_most - _least) * share);

        // Three digits are what a person would have chosen from.
        return JsonSerializer.Serialize(double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static RecipeException Wrong(string text) => new(
        "--range", null, $"\"{text}\"", "KEY=LEAST..MOST, KEY=LEAST..MOST:log with numbers above 0, or KEY=ONE|OTHER");
}
