//! What a sandbox refuses.

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl::set_no_new_privs;

/// From now on, in this thread and all its children, the system call `number` fails with `refusal`,
/// as on an old kernel or in a sandbox.
#[expect(unsafe_code, reason = "neither std nor nix has seccomp")]
pub fn refuse(number: libc::c_long, refusal: Errno) {
    let statement = |code: u32, k: u32| libc::sock_filter {
        code: u16::try_from(code).expect("codes are short"),
        jt: 0,
        jf: 0,
        k,
    };
    let number = u32::try_from(number).expect("numbers are small");
    let refusal = u32::try_from(refusal as i32).expect("positive");
    let mut filter = [
        // The first field of what is filtered is the number of the system call.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        libc::sock_filter {
            jf: 1,
            ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number)
        },
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | refusal),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    set_no_new_privs().expect("every kernel since 3.5");
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: the program and its filter live until the call returns; the kernel copies them.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) };
    Errno::result(result).expect("the kernel has seccomp");
}
