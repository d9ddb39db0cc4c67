/* Rust's std takes its random numbers from this library, which Wine 8 does not have. */
#include <windows.h>

/* RtlGenRandom, of advapi32. */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
    return SystemFunction036(buffer, (ULONG)length);
}
