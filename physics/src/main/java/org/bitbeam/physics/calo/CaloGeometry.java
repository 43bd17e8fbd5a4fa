package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Voxels of a calorimeter around the axis of the incident particle: layers, rings, sectors. Within
 * a layer the angle is the outer and the radius the inner axis (specs/models.md 4.1,
 * CaloChallenge).
 *
 * @param name such as {@code photon}
 * @param layers those that have voxels, from the front
 */
public record CaloGeometry(String name, List<Layer> layers) {
  private static final int MAX_LAYERS = 1000;
  private static final int MAX_VOXELS = 10_000_000;

  /**
   * A layer.
   *
   * @param id number in the detector
   * @param radii edges of the rings in mm, ascending
   * @param sectors number of bins in the angle
   */
  public record Layer(int id, List<Double> radii, int sectors) {
    public Layer {
      radii = List.copyOf(radii);
      if (radii.size() < 2 || sectors < 1) {
        throw new IllegalArgumentException(
            "layer " + id + " has " + radii.size() + " edges and " + sectors + " sectors");
      }
      for (int i = 1; i < radii.size(); i++) {
        if (!(radii.get(i) > radii.get(i - 1))) {
          throw new IllegalArgumentException("layer " + id + ": radii do not ascend: " + radii);
        }
      }
    }

    /** Number of rings. */
    public int rings() {
      return radii.size() - 1;
    }

    /** Number of voxels. */
    public int voxels() {
      return rings() * sectors;
    }
  }

  public CaloGeometry {
    layers = List.copyOf(layers);
    if (layers.isEmpty() || layers.size() > MAX_LAYERS) {
      throw new IllegalArgumentException(layers.size() + " layers, expected 1 to " + MAX_LAYERS);
    }
    long voxels = layers.stream().mapToLong(layer -> (long) layer.rings() * layer.sectors()).sum();
    if (voxels > MAX_VOXELS) {
      throw new IllegalArgumentException(voxels + " voxels, expected " + MAX_VOXELS + " at most");
    }
  }

  /**
   * Reads {@code { "name": "photon", "layers": [ { "id": 0, "radii": [0, 5, 10], "sectors": 1 } ]
   * }}.
   *
   * @throws IllegalArgumentException when it describes no geometry
   */
  public static CaloGeometry ofJson(String label, JsonNode json) {
    List<Layer> layers = new ArrayList<>();
    try {
      for (JsonNode node : json.path("layers")) {
        List<Double> radii = new ArrayList<>();
        node.path("radii").forEach(radius -> radii.add(radius.asDouble(Double.NaN)));
        layers.add(
            new Layer(node.path("id").asInt(layers.size()), radii, node.path("sectors").asInt()));
      }
      return new CaloGeometry(json.path("name").asText(""), layers);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads the binning of one particle from a file of the CaloChallenge ({@code Bins/Bin/Layer} with
   * {@code r_edges} and {@code n_bin_alpha}). Document types and entities are refused.
   *
   * @param label name of the file, for messages
   * @param particle name of the {@code Bin}, such as {@code photon}; empty for the only one
   * @throws IllegalArgumentException when it describes no geometry of that particle
   */
  public static CaloGeometry ofXml(String label, byte[] xml, String particle) {
    NodeList bins;
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setXIncludeAware(false);
      factory.setExpandEntityReferences(false);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      bins = builder.parse(new ByteArrayInputStream(xml)).getElementsByTagName("Bin");
    } catch (SAXException | IOException e) {
      throw new IllegalArgumentException(label + ": malformed XML: " + e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the XML parser cannot be made safe", e);
    }
    List<String> names = new ArrayList<>();
    Element found = null;
    for (int i = 0; i < bins.getLength(); i++) {
      Element bin = (Element) bins.item(i);
      names.add(bin.getAttribute("name"));
      if (bin.getAttribute("name").equals(particle)
          || (particle.isEmpty() && bins.getLength() == 1)) {
        found = bin;
      }
    }
    if (found == null) {
      throw new IllegalArgumentException(
          label + ": no binning of \"" + particle + "\"; there are: " + names);
    }
    try {
      return new CaloGeometry(found.getAttribute("name"), layers(found));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
    }
  }

  private static List<Layer> layers(Element bin) {
    List<Layer> layers = new ArrayList<>();
    NodeList nodes = bin.getElementsByTagName("Layer");
    for (int i = 0; i < nodes.getLength(); i++) {
      Element node = (Element) nodes.item(i);
      List<Double> radii = new ArrayList<>();
      for (String edge : node.getAttribute("r_edges").split(",")) {
        radii.add(Double.parseDouble(edge.trim()));
      }
      if (radii.size() > 1) { // layers with one edge are absent
        layers.add(
            new Layer(
                Integer.parseInt(node.getAttribute("id").trim()),
                radii,
                Integer.parseInt(node.getAttribute("n_bin_alpha").trim())));
      }
    }
    return layers;
  }

  /** Number of voxels. */
  public int voxels() {
    return layers.stream().mapToInt(Layer::voxels).sum();
  }

  /** Where the voxels of each layer start, and the number of all voxels at the end. */
  public int[] offsets() {
    int[] offsets = new int[layers.size() + 1];
    for (int i = 0; i < layers.size(); i++) {
      offsets[i + 1] = offsets[i] + layers.get(i).voxels();
    }
    return offsets;
  }
}
