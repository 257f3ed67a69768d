using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Affekt.Media.Prestart;

/// <summary>Sends open files to another process along with bytes, which .NET's sockets cannot.</summary>
internal static partial class DescriptorMessage
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int Rights = 1; // SCM_RIGHTS
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL

    /// <summary>Sends all of the bytes, and two files with the first of them; false where it cannot be done.</summary>
    /// <param name="socket">A Unix socket that has not been used yet.</param>
    /// <param name="bytes">At least one.</param>
    /// <param name="first">Stays open here.</param>
    /// <param name="second">Stays open here.</param>
    public static unsafe bool Send(Socket socket, ReadOnlySpan<byte> bytes, SafeHandle first, SafeHandle second)
    {
        fixed (byte* data = bytes)
        {
            Piece piece = new() { Data = data, Length = (nuint)bytes.Length };
            Control control = new()
            {
                Length = (nuint)sizeof(Control),
                Level = SocketLevel,
                Kind = Rights,
                First = (int)first.DangerousGetHandle(),
                Second = (int)second.DangerousGetHandle(),
            };
            Message message = new() { Pieces = &piece, PieceCount = 1, Control = &control, ControlLength = (nuint)sizeof(Control) };
            return SendMessage(socket.SafeHandle, &message, NoSignal) == bytes.Length;
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    private static unsafe partial nint SendMessage(SafeHandle socket, Message* message, int flags);

    // These are iovec, cmsghdr with its data, and msghdr of 64-bit Linux.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Piece
    {
        public byte* Data;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Control
    {
        public nuint Length;
        public int Level;
        public int Kind;
        public int First;
        public int Second;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Message
    {
        public void* Name;
        public nuint NameLength;
        public Piece* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public nuint Flags;
    }
}
