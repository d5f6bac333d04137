/// How sure the hub is that a viewer is who they say, at the moment of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assurance {
    /// By how many kinds of proof (知識・所持・生体) they signed in.
    pub factors: Factors,
    /// Whether they proved it again within the last five minutes; a machine's token proves itself with each request.
    pub is_fresh: bool,
    /// Whether it is a machine's token, with nobody behind it who could be asked for a second factor.
    pub is_machine: bool,
}

/// Kinds of proof given at sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Factors {
    /// None: nobody signed in.
    None,
    /// One (単要素).
    One,
    /// Two (二要素認証; guideline 7.0, 14).
    Two,
}

impl Assurance {
    /// Nobody has proved anything.
    pub const NONE: Self = Self { factors: Factors::None, is_fresh: false, is_machine: false };

    /// A machine's token.
    pub const TOKEN: Self = Self { factors: Factors::None, is_fresh: true, is_machine: true };

    /// Two factors, just proved: also whoever sits at the hub's own machine, where the operating system asks for them
    /// (guideline 7.0), and whoever a question on trial is about.
    pub const FULL: Self = Self { factors: Factors::Two, is_fresh: true, is_machine: false };
}

impl Factors {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::One, Self::Two];

    /// The code that the policies know.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::One => "one-factor",
            Self::Two => "two-factor",
        }
    }
}
