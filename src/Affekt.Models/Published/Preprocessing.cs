using Affekt.Models.Tokenizers;

namespace Affekt.Models.Published;

/// <summary>Finds what a folder says about preparing its input.</summary>
internal static class Preprocessing
{
    /// <summary>preprocessor_config.json, or a part of processor_config.json, into which newer versions put it; null for neither.</summary>
    public static JsonField? Find(string folder, string part)
    {
        string own = Path.Combine(folder, "preprocessor_config.json"), joint = Path.Combine(folder, "processor_config.json");
        return File.Exists(own) ? JsonField.Read(own) : File.Exists(joint) ? JsonField.Read(joint).Find(part) : null;
    }

    /// <summary>Throws where the settings are those of steps that are not known here.</summary>
    /// <param name="settings">As <see cref="Find"/> gives them.</param>
    /// <param name="fields">The fields that may name the steps, the first that is there.</param>
    /// <param name="known">The names that are known.</param>
    public static void Require(JsonField? settings, string[] fields, params ReadOnlySpan<string> known)
    {
        if (fields.Select(name => settings?.Find(name)).FirstOrDefault(field => field is not null) is { } type && !known.Contains(type.Text()))
            throw type.Wrong(type.Short, string.Join(", ", known.ToArray()));
    }
}
