/**
 * Reports about jobs: one HTML file each, without references to anything outside of it. Start at
 * {@link org.bitbeam.report.JobReport}, which gathers {@link org.bitbeam.report.Section}s from what
 * a job has written; {@link org.bitbeam.report.HtmlReport} turns them into a page.
 */
@NullMarked
package org.bitbeam.report;

import org.jspecify.annotations.NullMarked;
