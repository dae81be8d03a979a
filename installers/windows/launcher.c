/* Starts Python in this process: "MAB ... .exe" with the application's window, mab.exe with its command line.

   APPLICATION is the command of the application; without it everything that is said goes to the command line. Workers
   are started as `this.exe -m module ...`, as everywhere else. */

#include <wchar.h>
#include <windows.h>

typedef int (*python_main)(int, wchar_t **);

static int fail(const wchar_t *what)
{
    MessageBoxW(NULL, what, L"MAB", MB_OK | MB_ICONERROR);
    return 7;
}

#ifdef APPLICATION
static int begins(const wchar_t *word, const wchar_t *with)
{
    return wcsncmp(word, with, wcslen(with)) == 0;
}
#endif

static int run(int argc, wchar_t **argv)
{
    static wchar_t path[32768];
    wchar_t **told = calloc(argc + 4, sizeof *told), *slash;
    int count = 0, i;
    HMODULE library;
    python_main start;

    if (!GetModuleFileNameW(NULL, path, 32000) || !(slash = wcsrchr(path, L'\\')) || !told)
        return fail(L"The folder of the program was not found.");
    wcscpy(slash + 1, L"python311.dll");
    library = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    start = library ? (python_main)(void *)GetProcAddress(library, "Py_Main") : NULL;
    if (!start)
        return fail(L"python311.dll is missing or damaged. Install the program anew; the data stay as they are.");
    told[count++] = argv[0];
    if (argc < 2 || wcscmp(argv[1], L"-m") != 0) {
        told[count++] = L"-m";
        told[count++] = L"mab_desktop.cli";
#ifdef APPLICATION
        if (argc < 2 || begins(argv[1], L"--db") || begins(argv[1], L"--login"))
            told[count++] = APPLICATION;
#endif
    }
    for (i = 1; i < argc; i++)
        told[count++] = argv[i];
    return start(count, told);
}

#ifdef APPLICATION
int WINAPI wWinMain(HINSTANCE self, HINSTANCE before, PWSTR line, int show)
{
    int argc = 0;
    wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    (void)self, (void)before, (void)line, (void)show;
    return argv ? run(argc, argv) : fail(L"The command line was not understood.");
}
#else
int wmain(int argc, wchar_t **argv)
{
    return run(argc, argv);
}
#endif
