import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Locks the file by FileChannel, says that it is inside, and stays until it is told to leave. */
final class FileChannelLock {
    private FileChannelLock() {}

    public static void main(String[] arguments) throws Exception {
        Path path = Path.of(arguments[0]);
        StandardOpenOption[] options = {StandardOpenOption.CREATE, StandardOpenOption.WRITE};
        try (FileChannel channel = FileChannel.open(path, options)) {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                System.exit(75);
            }
            System.out.println("@inside " + ProcessHandle.current().pid());
            System.in.read();
        }
    }
}
