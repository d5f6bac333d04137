//! A curve over powers of ten, as a picture that any browser shows.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// Left, top, right and bottom of the plane.
const PLANE: (f64, f64, f64, f64) = (76.0, 56.0, 640.0, 350.0);
/// Dark enough on white, and told apart without colour by what stands beside each line.
const COLOURS: [&str; 2] = ["#a33b20", "#1d4f91"];
/// How many rulings the upright axis has.
const RULINGS: f64 = 5.0;

/// A line and what it is called.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Where values stand in the plane.
struct Scale {
    powers: (f64, f64),
    step: f64,
}

/// Draws lines over a logarithmic axis; the upright axis begins at nought.
pub(crate) fn draw(title: &str, across: &str, upright: &str, lines: &[Line]) -> String {
    let scale = Scale::of(lines);
    let (left, top, right, bottom) = PLANE;
    let middle = (left + right) / 2.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"'Noto Sans JP','Noto Sans CJK JP',sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>{title}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{left}\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{title}</text>\n\
         <text x=\"{left}\" y=\"{}\" text-anchor=\"end\">{upright}</text>\n\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{across}</text>\n",
        top - 12.0,
        bottom + 44.0,
    );
    rule(&mut svg, &scale);
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        trace(&mut svg, &scale, line, colour);
    }
    svg + "</svg>\n"
}

/// The rulings, with their numbers.
fn rule(svg: &mut String, scale: &Scale) {
    let (left, top, right, bottom) = PLANE;
    let mut value = 0.0;
    while value <= scale.step * RULINGS {
        let y = scale.y(value);
        let label = format!("{value:.2}");
        let label = label.trim_end_matches('0').trim_end_matches('.');
        put(svg, &format!("<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/>"));
        put(
            svg,
            &format!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", left - 8.0, y + 4.0),
        );
        value += scale.step;
    }
    let mut power = scale.powers.0;
    while power <= scale.powers.1 {
        let x = scale.x(10f64.powf(power));
        put(svg, &format!("<path d=\"M{x:.1} {top}V{bottom}\" stroke=\"#ddd\"/>"));
        let y = bottom + 20.0;
        let exponent = format!("10<tspan dy=\"-5\" font-size=\"10\">{power}</tspan>");
        put(svg, &format!("<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{exponent}</text>"));
        power += 1.0;
    }
}

/// A line, its points, and at its end what it is called.
fn trace(svg: &mut String, scale: &Scale, line: &Line, colour: &str) {
    let places: Vec<(f64, f64)> = line.points.iter().map(|(x, y)| (scale.x(*x), scale.y(*y))).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let path = path.join(" ");
    put(svg, &format!("<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
    for ((x, y), (_, value)) in places.iter().zip(&line.points) {
        put(svg, &format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"));
        let (x, above) = (x + 6.0, y - 8.0);
        put(svg, &format!("<text x=\"{x:.1}\" y=\"{above:.1}\">{value:.2}</text>"));
    }
    if let Some((x, y)) = places.last() {
        let name = &line.name;
        let (x, y) = (x + 12.0, y + 4.0);
        put(
            svg,
            &format!("<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\" font-weight=\"bold\">{name}</text>"),
        );
    }
}

fn put(svg: &mut String, element: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(svg, "{element}");
}

impl Scale {
    fn of(lines: &[Line]) -> Self {
        let points = || lines.iter().flat_map(|line| &line.points);
        let powers = points().map(|(x, _)| x.log10());
        let least = powers.clone().fold(f64::INFINITY, f64::min).floor();
        let most = powers.fold(f64::NEG_INFINITY, f64::max).ceil();
        let highest = points().map(|(_, y)| *y).fold(0.0, f64::max);
        let least = if least.is_finite() { least } else { 0.0 };
        Self { powers: (least, most.max(least + 1.0)), step: round_step(highest * 1.1 / RULINGS) }
    }

    fn x(&self, value: f64) -> f64 {
        let share = (value.log10() - self.powers.0) / (self.powers.1 - self.powers.0);
        PLANE.0 + (PLANE.2 - PLANE.0) * share
    }

    fn y(&self, value: f64) -> f64 {
        PLANE.3 - (PLANE.3 - PLANE.1) * value / (self.step * RULINGS)
    }
}

/// The next of 1, 2, 5, 10, … that is no less.
fn round_step(value: f64) -> f64 {
    let power = 10f64.powf(value.max(1e-6).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| *step >= value).unwrap_or(10.0 * power)
}
