/* Reads what a check of healthy services must read at least, and nothing else: the runfile, the pidfile, the binary and
   the stat line of its process. With a snapshot also that, and the children of the process, as sipwd does. Argument: a
   file with a runfile, a pidfile and a snapshot in turn, each in a line; the last may be empty. Fails unless all run. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t head(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY);
  if (file < 0) return -1;
  ssize_t length = read(file, text, size - 1);
  close(file);
  if (length >= 0) text[length] = '\0';
  return length;
}

static int runs(const char *runfile, const char *pidfile, const char *snapshot) {
  struct stat status;
  char text[4096], path[64];
  int pid;
  if (stat(runfile, &status) != 0 || head(pidfile, text, sizeof text) <= 0) return 0;
  if (sscanf(text, "%d", &pid) != 1) return 0;
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  if (readlink(path, text, sizeof text) <= 0) return 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  if (head(path, text, sizeof text) <= 0) return 0;
  if (*snapshot == '\0') return 1;
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  return head(snapshot, text, sizeof text) > 0 && head(path, text, sizeof text) >= 0;
}

static int next(FILE *list, char *line) {
  if (fgets(line, 4096, list) == NULL) return 0;
  line[strcspn(line, "\n")] = '\0';
  return 1;
}

int main(int argc, char **argv) {
  char runfile[4096], pidfile[4096], snapshot[4096];
  int down = 0;
  FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (list == NULL) return 2;
  while (next(list, runfile) && next(list, pidfile) && next(list, snapshot)) down += !runs(runfile, pidfile, snapshot);
  return down > 0;
}
