/* Rust's std takes its random numbers from this DLL, which every Windows since 7 has and Wine 8 has not. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T n_bytes)
{
    /* advapi32 exports RtlGenRandom under the name SystemFunction036. */
    return RtlGenRandom(buffer, n_bytes);
}
