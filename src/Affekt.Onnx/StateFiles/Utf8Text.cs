using System.Text;
using System.Text.Unicode;

namespace Affekt.Onnx.StateFiles;

/// <summary>Text from a file, refused where it is not UTF-8.</summary>
internal static class Utf8Text
{
    public static string Read(MappedFile file, string where, long offset, ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : throw file.Error(where, offset, "bytes that are not UTF-8", "text in UTF-8");
}
