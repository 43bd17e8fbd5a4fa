package org.bitbeam.report;

import org.bitbeam.beam.TagJets;

/**
 * What the scores of a job are compared with.
 *
 * @param tagger its model and backend; layout and jets are those of the job
 * @param name of it, in words
 */
public record OtherTagger(TagJets tagger, String name) {}
