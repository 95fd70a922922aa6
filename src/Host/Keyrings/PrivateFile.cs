using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GpuCrypt.Host.Keyrings;

/// <summary>Files that hold secrets: read only when nobody else can read or write them, replaced in one step, made with mode 0600.</summary>
internal static partial class PrivateFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads a whole file. The open file is what is checked, so a link counts as what it points to.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What it is, for messages: <c>keyring</c>.</param>
    /// <param name="maximumSize">The largest size that makes sense, in bytes.</param>
    /// <exception cref="KeyringException">It is missing, too large, or open to others.</exception>
    public static SecretBytes Read(string file, string what, int maximumSize = 16 << 20)
    {
        var bytes = new SecretBytes(64 << 10);
        try
        {
            using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            CheckMode(handle, file, what);
            int length = 0;
            // A pipe is a file too here (a key from process substitution), so its end is known only when it comes.
            for (int read; (read = RandomAccess.Read(handle, bytes.Span[length..], length)) > 0;)
            {
                length += read;
                if (length < bytes.Length)
                    continue;
                if (length >= maximumSize)
                    throw new KeyringException($"{file}: the {what} is larger than {maximumSize >> 20} MiB.");
                var larger = new SecretBytes((int)Math.Min(length * 2L, Array.MaxLength));
                bytes.Span.CopyTo(larger.Span);
                bytes.Dispose();
                bytes = larger;
            }

            bytes.Shrink(length);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            bytes.Dispose();
            throw Unusable(file, what, "read", exception);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Replaces a file in one step: a crash leaves the old or the new one, whole. A link stays, its target is replaced.</summary>
    /// <param name="file">The file.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="create">True when the file must not be there yet.</param>
    /// <exception cref="KeyringException">It cannot be written, or is there and must not be.</exception>
    public static void Write(string file, ReadOnlySpan<byte> content, string what, bool create = false)
    {
        string? temporary = null;
        try
        {
            string target = Resolve(file);
            string folder = Path.GetDirectoryName(target)!;
            temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
            using (FileStream stream = Open(temporary, FileMode.CreateNew, FileShare.None))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            if (create && File.Exists(target))
                throw new KeyringException($"{file}: there is a file already; nothing is overwritten.");
            File.Move(temporary, target, overwrite: !create);
            temporary = null;
            SyncFolder(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, what, "write", exception);
        }
        finally
        {
            if (temporary is not null)
                File.Delete(temporary);
        }
    }

    /// <summary>Opens a file for writing; one that is made has mode 0600 from the start. Unbuffered.</summary>
    public static FileStream Open(string file, FileMode mode, FileShare share, FileAccess access = FileAccess.Write) => new(file, new FileStreamOptions
    {
        Mode = mode,
        Access = access,
        Share = share,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    /// <summary>Refuses an open file that others may read or write.</summary>
    public static void CheckMode(SafeFileHandle handle, string file, string what)
    {
        UnixFileMode mode = File.GetUnixFileMode(handle);
        if ((mode & Others) == 0)
            return;
        string target = new FileInfo(file).LinkTarget is null ? "" : $" (a link to {Resolve(file)})";
        throw new KeyringException(
            $"{file}{target}: the {what} has mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, so that others can read or write it; run: chmod 600 {Quoted(file)}");
    }

    /// <summary>What is wrong with the folder of a file: others who may write there can put another file in its place. Null when nothing is.</summary>
    public static string? FolderProblem(string file)
    {
        string target = Resolve(file);
        string folder = Path.GetDirectoryName(target)!;
        UnixFileMode mode = File.GetUnixFileMode(folder);
        bool open = (mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0 && (mode & UnixFileMode.StickyBit) == 0;
        return open ? $"{folder}: others may write in this folder and so replace the file; run: chmod go-w {Quoted(folder)}" : null;
    }

    /// <summary>The full name of a file, or of what it links to.</summary>
    public static string Resolve(string file)
    {
        var info = new FileInfo(file);
        return info.LinkTarget is null ? info.FullName : info.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    /// <summary>An operating system's error as one line.</summary>
    public static KeyringException Unusable(string file, string what, string verb, Exception exception) => exception switch
    {
        FileNotFoundException => new KeyringException($"{file}: there is no such file.", exception),
        DirectoryNotFoundException => new KeyringException($"{file}: there is no such folder.", exception),
        UnauthorizedAccessException when Directory.Exists(file) => new KeyringException($"{file}: this is a folder, not a {what}.", exception),
        UnauthorizedAccessException => new KeyringException($"{file}: no permission to {verb} the {what}.", exception),
        _ => new KeyringException($"{file}: the {what} cannot be {(verb == "read" ? "read" : "written")}: {exception.Message}", exception),
    };

    private static string Quoted(string file) =>
        file.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-') && !file.StartsWith('-') ? file : $"'{file.Replace("'", @"'\''")}'";

    // The rename itself must reach the disk. Where it cannot be asked for, the file is whole either way.
    private static void SyncFolder(string folder)
    {
        const int ReadOnlyFolder = 0x10000;
        int descriptor = OpenFolder(folder, ReadOnlyFolder);
        if (descriptor < 0)
            return;
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
