//! The main numbers as a picture: bars on a logarithmic scale that begin at the baseline.
//!
//! It has no background, and its colours are halfway between white and black, so that it can be
//! read on either. Text is left to the viewer's fonts: none are needed here.

use std::path::Path;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle};

use crate::report::{Bar, Cell, Panel};

const INK: RGBColor = RGBColor(115, 122, 130);
const TENURE: RGBColor = RGBColor(31, 122, 224);
const STUCK: RGBColor = RGBColor(214, 69, 65);

/// In pixels: a panel has names on the left, bars in the middle, and a number for each place.
const NAMES: i32 = 235;
const BARS: i32 = 144;
const SPACE: i32 = 16;
const NUMBER: i32 = 54;
const ROW: i32 = 20;
const GAP: i32 = 34;
const CAPTION: i32 = 40;
/// Above the rows of a panel: its title, and the marks of the scale.
const TITLE: i32 = 12;
const MARKS: i32 = 30;
const HEAD: i32 = 40;
const MARGIN: i32 = 14;
/// plotters makes it smaller by a quarter.
const FONT: i32 = 16;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws `panels`, whose bars have a cell for each of `places`, in two columns.
pub(crate) fn draw(path: &Path, places: &[String], panels: &[Panel]) -> Drawn {
    let scale = Scale::around(panels);
    let (left, right) = columns(panels);
    let numbers = NUMBER * i32::try_from(places.len())?;
    let width = NAMES + BARS + SPACE + numbers;
    let tall = CAPTION + height(left).max(height(right)) + MARGIN;
    let size = (u32::try_from(2 * width + GAP + 2 * MARGIN)?, u32::try_from(tall)?);
    let area = SVGBackend::new(path, size).into_drawing_area();
    let canvas = Canvas { area: &area, scale: &scale, x: MARGIN, y: 0 };
    let caption =
        "As a ratio to bare flock(2) calls, on a logarithmic scale up to 100. Less is better.";
    canvas.text(caption, (0, MARGIN), HPos::Left, INK, FontStyle::Normal)?;
    for (column, x) in [(left, MARGIN), (right, MARGIN + width + GAP)] {
        let mut y = CAPTION;
        for panel in column {
            Canvas { area: &area, scale: &scale, x, y }.panel(panel, places)?;
            y += height(std::slice::from_ref(panel));
        }
    }
    area.present()?;
    Ok(())
}

/// Cuts the panels in two where the halves are most alike.
fn columns(panels: &[Panel]) -> (&[Panel], &[Panel]) {
    let taller = |cut: &usize| height(&panels[..*cut]).max(height(&panels[*cut..]));
    panels.split_at((0..=panels.len()).min_by_key(taller).unwrap_or_default())
}

fn height(panels: &[Panel]) -> i32 {
    let rows: usize = panels.iter().map(|panel| panel.bars.len()).sum();
    let rows = i32::try_from(rows).expect("there are not that many");
    let panels = i32::try_from(panels.len()).expect("there are fewer");
    rows * ROW + panels * (HEAD + ROW)
}

/// From `10^least` to `10^most`.
struct Scale {
    least: i32,
    most: i32,
}

impl Scale {
    /// Bars end here, and the number says how far they would go: most are shorter by far.
    const END: f64 = 2.0;

    fn around(panels: &[Panel]) -> Self {
        let cells = panels.iter().flat_map(|panel| &panel.bars).flat_map(|bar| &bar.cells);
        let ratios = cells.filter_map(|cell| match cell {
            Cell::Ratio(ratio) => Some(ratio.log10()),
            Cell::Stuck | Cell::Disturbed | Cell::Blank => None,
        });
        let (least, most) =
            ratios.fold((0.0_f64, 1.0_f64), |(least, most), log| (least.min(log), most.max(log)));
        Self { least: whole(least.floor()), most: whole(most.ceil().min(Self::END)) }
    }

    /// Pixels from the left end.
    fn at(&self, log: f64) -> i32 {
        let log = log.min(f64::from(self.most));
        let part = (log - f64::from(self.least)) / f64::from(self.most - self.least);
        whole((part * f64::from(BARS)).round())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "logarithms and pixels are small")]
fn whole(number: f64) -> i32 {
    number as i32
}

/// Where one panel is drawn.
struct Canvas<'a, 'path> {
    area: &'a Area<'path>,
    scale: &'a Scale,
    x: i32,
    y: i32,
}

impl Canvas<'_, '_> {
    fn panel(&self, panel: &Panel, places: &[String]) -> Drawn {
        let rows = i32::try_from(panel.bars.len())?;
        self.text(&panel.title, (0, TITLE), HPos::Left, INK, FontStyle::Bold)?;
        for (number, place) in (1..).zip(places) {
            let x = NAMES + BARS + SPACE + NUMBER * number;
            self.text(place, (x, MARKS), HPos::Right, INK, FontStyle::Normal)?;
        }
        for power in self.scale.least..=self.scale.most {
            self.line(power, rows)?;
        }
        for (number, bar) in (0..).zip(&panel.bars) {
            self.row(HEAD + ROW * number, bar)?;
        }
        Ok(())
    }

    /// The line of a power of ten.
    fn line(&self, power: i32, rows: i32) -> Drawn {
        let x = NAMES + self.scale.at(f64::from(power));
        let strength = if power == 0 { 0.9 } else { 0.3 };
        let ends = vec![self.point((x, HEAD)), self.point((x, HEAD + ROW * rows))];
        self.area.draw(&PathElement::new(ends, INK.mix(strength)))?;
        let label = 10_f64.powi(power).to_string();
        self.text(&label, (x, MARKS), HPos::Center, INK, FontStyle::Normal)
    }

    fn row(&self, y: i32, bar: &Bar) -> Drawn {
        let colour = if bar.is_tenure { TENURE } else { INK };
        let middle = y + ROW / 2;
        self.text(&bar.name, (NAMES - 10, middle), HPos::Right, colour, FontStyle::Normal)?;
        let count = i32::try_from(bar.cells.len())?;
        let thick = (ROW - 5) / count.max(1);
        for (number, cell) in (0..).zip(&bar.cells) {
            let (end, colour) = match cell {
                Cell::Ratio(ratio) => (self.scale.at(ratio.log10()), colour),
                Cell::Stuck => (BARS, STUCK),
                Cell::Disturbed | Cell::Blank => (self.scale.at(0.0), colour),
            };
            let top = y + 2 + thick * number;
            let corners = [(NAMES + self.scale.at(0.0), top), (NAMES + end, top + thick - 1)];
            // The first place is strong, and those after it are paler.
            let fill = colour.mix(if number == 0 { 1.0 } else { 0.55 });
            self.area
                .draw(&Rectangle::new(corners.map(|corner| self.point(corner)), fill.filled()))?;
            let x = NAMES + BARS + SPACE + NUMBER * (number + 1);
            self.text(&cell.to_string(), (x, middle), HPos::Right, colour, FontStyle::Normal)?;
        }
        Ok(())
    }

    fn text(
        &self,
        text: &str,
        at: (i32, i32),
        side: HPos,
        colour: RGBColor,
        style: FontStyle,
    ) -> Drawn {
        let font = ("sans-serif", FONT, style).into_font();
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(side, VPos::Center));
        Ok(self.area.draw(&Text::new(text.to_owned(), self.point(at), style))?)
    }

    fn point(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (self.x + x, self.y + y)
    }
}
