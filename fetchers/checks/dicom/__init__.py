"""Read and judge DICOM headers."""
