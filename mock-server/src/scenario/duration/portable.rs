//! `ln` and `exp` from additions, multiplications and divisions alone. IEEE 754 rounds those alike everywhere, whereas
//! the standard library leaves `f64::ln` and `f64::exp` to the platform, and a drawn duration may not depend on one.

use std::f64::consts::LN_2;

/// The natural logarithm of a positive, normal number; anything else gives NaN.
pub(super) fn ln(x: f64) -> f64 {
    if !x.is_normal() || x < 0.0 {
        return f64::NAN;
    }
    // x = m · 2^e with m in [1, 2), and ln m = 2 artanh((m - 1) / (m + 1)), whose series converges by 1/9 a term.
    let bits = x.to_bits();
    let exponent = ((bits >> 52) as i32) - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let series = (0..20).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    f64::from(exponent) * LN_2 + 2.0 * t * series
}

/// The exponential; 0 or infinity where the result is not a normal number.
pub(super) fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    // x = k · ln 2 + r with |r| at most ln 2 / 2, and e^r by its series.
    let k = (x / LN_2).round();
    if k > 1023.0 {
        return f64::INFINITY;
    }
    if k < -1022.0 {
        return 0.0;
    }
    let r = x - k * LN_2;
    let series = (1..20).rev().fold(1.0, |sum, n| 1.0 + sum * r / f64::from(n));
    series * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}
