//! What a sandbox refuses.

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl::set_no_new_privs;

/// From now on, in this thread and all its children, the system call `number` fails with `refusal`,
/// as on an old kernel or in a sandbox. With no refusal (0) it seems to succeed, and does nothing.
pub fn refuse(number: libc::c_long, refusal: Errno) {
    filter(number, None, refusal);
}

/// The same, for calls whose second argument is `value`.
pub fn refuse_with(number: libc::c_long, value: i32, refusal: Errno) {
    filter(number, Some(value), refusal);
}

fn filter(number: libc::c_long, second: Option<i32>, refusal: Errno) {
    let statement = |code: u32, k: u32| libc::sock_filter {
        code: u16::try_from(code).expect("codes are short"),
        jt: 0,
        jf: 0,
        k,
    };
    let load = |offset| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset);
    let equals = |k, otherwise| libc::sock_filter {
        jf: otherwise,
        ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, k)
    };
    let positive = |number: i32| u32::try_from(number).expect("positive");
    let number = u32::try_from(number).expect("numbers are small");
    let mut program = Vec::new();
    // The first field of what is filtered is the number of the system call, and the arguments begin
    // at 16, the lower half of each first.
    if let Some(second) = second {
        program.extend([load(0), equals(number, 3), load(24), equals(positive(second), 1)]);
    } else {
        program.extend([load(0), equals(number, 1)]);
    }
    let refusal = libc::SECCOMP_RET_ERRNO | positive(refusal as i32);
    program.extend(
        [refusal, libc::SECCOMP_RET_ALLOW]
            .map(|action| statement(libc::BPF_RET | libc::BPF_K, action)),
    );
    install(&mut program);
}

#[expect(unsafe_code, reason = "neither std nor nix has seccomp")]
fn install(program: &mut [libc::sock_filter]) {
    let len = u16::try_from(program.len()).expect("it is short");
    let program = libc::sock_fprog { len, filter: program.as_mut_ptr() };
    set_no_new_privs().expect("every kernel since 3.5");
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: the program and its filter live until the call returns; the kernel copies them.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) };
    Errno::result(result).expect("the kernel has seccomp");
}
