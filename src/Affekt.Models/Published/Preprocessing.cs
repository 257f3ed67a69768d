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
}
