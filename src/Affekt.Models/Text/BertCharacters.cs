using System.Globalization;
using System.Text;

namespace Affekt.Models.Text;

/// <summary>What BERT's clean-up and word splitting know about single characters.</summary>
internal static class BertCharacters
{
    private const int CapitalIWithDot = 0x130;

    /// <summary>
    /// Whether the clean-up drops this character: controls, formats and private use. Unassigned ones stay. White space
    /// has to be asked for first, since tab and line feed are controls too.
    /// </summary>
    public static bool IsRemoved(Rune rune) =>
        rune.Value == Rune.ReplacementChar.Value
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    /// <summary>White space that parts words. Other controls with that property are removed, so they part nothing.</summary>
    public static bool IsSpace(Rune rune) => rune.Value is '\t' or '\n' or '\r'
        || (Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune));

    /// <summary>Every ASCII sign that is no letter, digit or space, and all that Unicode calls punctuation.</summary>
    public static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~')
        : Rune.IsPunctuation(rune);

    /// <summary>
    /// The ideographs of the CJK blocks, not kana or hangul. Hugging Face's tokenizers leave out U+2B820 to U+2B91F, and
    /// so does this.
    /// </summary>
    public static bool IsIdeograph(Rune rune) => rune.Value
        is (>= 0x3400 and <= 0x4DBF)
        or (>= 0x4E00 and <= 0x9FFF)
        or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF)
        or (>= 0x2F800 and <= 0x2FA1F);

    /// <summary>
    /// Unicode's full lower-casing of one character. "İ" alone becomes two, of which the mark is given as
    /// <paramref name="mark"/>; .NET's invariant casing leaves it as it is.
    /// </summary>
    public static Rune Lower(Rune rune, out Rune? mark)
    {
        mark = rune.Value == CapitalIWithDot ? new Rune('\u0307') : null;
        return mark is null ? Rune.ToLowerInvariant(rune) : new Rune('i');
    }
}
