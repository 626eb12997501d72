package io.millrace.models.report;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws a picture, twice as fine as the page, on white. Needs no screen. */
final class PngCanvas implements Canvas, AutoCloseable {
  private static final int SCALE = 2;

  private final BufferedImage image =
      new BufferedImage(Painter.WIDTH * SCALE, Painter.HEIGHT * SCALE, BufferedImage.TYPE_INT_RGB);
  private final Graphics2D graphics = image.createGraphics();

  PngCanvas() {
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(SCALE, SCALE);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
  }

  /** The picture as a file. */
  byte[] png() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", bytes)) {
        throw new AssertionError("Every Java platform writes PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write a picture", e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    graphics.dispose();
  }

  @Override
  public void line(List<Point> points, Ink ink, Stroke stroke) {
    Path2D path = new Path2D.Double();
    for (Point point : points) {
      if (path.getCurrentPoint() == null) {
        path.moveTo(point.x(), point.y());
      } else {
        path.lineTo(point.x(), point.y());
      }
    }
    graphics.setColor(ink.color());
    graphics.setStroke(
        switch (stroke) {
          case THIN -> new BasicStroke(1);
          case THICK -> new BasicStroke(2);
          case DASHED ->
              new BasicStroke(
                  1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {4, 4}, 0);
        });
    graphics.draw(path);
  }

  @Override
  public void dot(Point center, double radius, Ink ink) {
    fill(
        new Ellipse2D.Double(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius),
        ink,
        0.6);
  }

  @Override
  public void box(Point corner, double width, double height, Ink ink, double opacity) {
    fill(new Rectangle2D.Double(corner.x(), corner.y(), width, height), ink, opacity);
  }

  private void fill(java.awt.Shape shape, Ink ink, double opacity) {
    graphics.setColor(ink.color());
    graphics.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, (float) opacity));
    graphics.fill(shape);
    graphics.setComposite(AlphaComposite.SrcOver);
  }

  @Override
  public void text(Point place, String text, Align align, Ink ink) {
    int width = graphics.getFontMetrics().stringWidth(text);
    double left =
        switch (align) {
          case START -> place.x();
          case MIDDLE -> place.x() - width / 2.0;
          case END -> place.x() - width;
        };
    graphics.setColor(ink.color());
    graphics.drawString(text, (float) left, (float) place.y());
  }

  @Override
  public void upwards(Point place, String text, Ink ink) {
    graphics.rotate(-Math.PI / 2, place.x(), place.y());
    text(place, text, Align.MIDDLE, ink);
    graphics.rotate(Math.PI / 2, place.x(), place.y());
  }
}
